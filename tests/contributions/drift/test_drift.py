from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contributions.drift import (
    Fingerprint,
    changes,
    describe_categories,
    describe_numbers,
    histogram_of,
    precision_of,
    psi,
    recount_numbers,
)
from contributions.drift.histogram import CLASSES_MAX

COUNTS = st.lists(st.integers(0, 1000), min_size=3, max_size=3)
NAMES = st.sampled_from(["a", "b", "c"])
PRINTS = st.builds(
    Fingerprint,
    st.dictionaries(st.sampled_from(["format", "encoding"]), NAMES),
    st.dictionaries(NAMES, st.sampled_from(["number", "string"])),
    st.dictionaries(NAMES, st.integers(0, 5)),
)
VALUES = st.lists(
    st.one_of(st.floats(allow_nan=True, allow_infinity=True), st.integers(-9, 9)), max_size=80
)


@given(COUNTS, COUNTS, st.integers(1, 9))
def test_the_index_is_symmetric_never_negative_and_blind_to_size(
    before: list[int], now: list[int], times: int
) -> None:
    index = psi(before, now)
    assert psi(now, before) == (None if index is None else pytest.approx(index))
    if index is None:
        assert not sum(before) or not sum(now)
        return
    assert index >= 0
    assert psi(before, [each * times for each in now]) == pytest.approx(index)
    assert psi(before, before) == 0


def test_the_index_of_a_known_shift() -> None:
    # 0.3 · ln(0.8 / 0.5) + (−0.3) · ln(0.2 / 0.5)
    assert psi([50, 50], [80, 20]) == pytest.approx(0.41588830833596717)
    with pytest.raises(ValueError, match="same classes"):
        psi([1], [1, 2])


@given(VALUES, VALUES)
def test_no_value_is_lost_and_classes_stay_comparable(
    first: list[float], second: list[float]
) -> None:
    before = describe_numbers(np.array(first, float))
    finite = [each for each in first if np.isfinite(each)]
    if before is None:
        assert len(finite) < 20
        return
    now = recount_numbers(np.array(second, float), before.limits)
    for values, made in ((first, before), (second, now)):
        assert sum(made.counts) + made.missing == len(values)
        assert len(made.labels) == len(made.counts) == len(made.limits) + 1
    assert now.labels == before.labels
    assert list(before.limits) == sorted(set(before.limits))


@given(st.lists(st.one_of(st.none(), st.text(max_size=3))), st.lists(NAMES))
def test_no_text_is_shown_that_the_call_does_not_name(
    values: list[str | None], named: list[str]
) -> None:
    made = describe_categories(Counter(values), named)
    assert set(made.labels) == {*named, "…"}
    assert sum(made.counts) + made.missing == len(values)
    for label, count in zip(made.labels, made.counts, strict=True):
        assert label == "…" or count == values.count(label)


@given(PRINTS, PRINTS)
def test_changes_are_found_both_ways_and_survive_storage(
    before: Fingerprint, now: Fingerprint
) -> None:
    assert changes(before, before) == []
    assert Fingerprint.of(before.document()) == before
    forth, back = changes(before, now), changes(now, before)
    assert {(each.column, each.before, each.now) for each in forth} == {
        (each.column, each.now, each.before) for each in back
    }
    if before.types != now.types:
        assert forth


def test_precision_counts_written_decimals() -> None:
    assert precision_of(["1", "2.50", None, "-3.125", "x.yy", "1.٣"]) == 3
    assert precision_of([]) == 0


@given(st.lists(st.floats(-1e9, 1e9), min_size=20, max_size=80))
def test_drawn_classes_have_one_round_width_and_hold_every_value(values: list[float]) -> None:
    drawn = histogram_of(np.array([*values, np.nan]))
    if drawn is None:
        low, high = np.quantile(values, (0.01, 0.99))
        assert high - low < 1e-6 * max(1.0, abs(high))
        return
    assert sum(drawn.counts) == len(values)
    assert len(drawn.counts) == len(drawn.limits) + 1 <= CLASSES_MAX + 4
    widths = np.diff(drawn.limits)
    assert widths == pytest.approx(np.full(len(widths), widths[0]), rel=1e-3)
    assert f"{widths[0]:.0e}"[0] in "125"
    outside = drawn.counts[0] + drawn.counts[-1]
    assert outside <= 0.02 * len(values) + 2


def test_drawn_classes_of_known_values() -> None:
    drawn = histogram_of(np.arange(0, 100, 0.5))
    assert drawn is not None
    assert drawn.limits == tuple(float(each) for each in range(0, 101, 10))
    assert drawn.counts == (0, *[20] * 10, 0)
    assert histogram_of(np.full(50, 7.0)) is None
    assert histogram_of(np.arange(19.0)) is None
