"""Frames judged together get the verdicts that each would get alone, whatever they hold."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contributions.quality import engine
from contributions.quality.catalogue import KINDS
from contributions.quality.outcome import QualityOutcome
from contributions.quality.together import OF_ONE_ROW, is_shared, run_together
from tests.contributions.quality import edge_cases, examples

Check = dict[str, Any]  # Any: JSON


@pytest.fixture(autouse=True)
def _quiet_pandas() -> Iterator[None]:
    with warnings.catch_warnings():
        # pandas warns of comparisons that the library makes all the same.
        warnings.simplefilter("ignore")
        yield


def plain(outcome: QualityOutcome) -> tuple[Any, ...]:  # Any: as lists, to be compared
    return (
        outcome.set_aside.tolist(),
        outcome.loss.tolist(),
        outcome.results,
        outcome.problems,
        outcome.table_failures,
    )


def assert_alike(frames: list[pd.DataFrame], checks: list[Check]) -> None:
    together = run_together(frames, checks=checks, suite_id="together")
    for frame, outcome in zip(frames, together, strict=True):
        alone = engine.run(frame, checks=checks, suite_id="alone")
        assert plain(outcome) == plain(alone)


def test_every_check_of_the_catalogue_on_frames_that_differ() -> None:
    whole = examples.sample()
    frames = [whole, whole.iloc[:2], whole.iloc[1:1], whole.iloc[3:]]
    checks: list[Check] = [
        {"type": kind, "kwargs": pair[1]} for kind, pair in examples.EXAMPLES.items()
    ]
    assert {check["type"] for check in checks} == set(KINDS)
    assert_alike(frames, checks)


def test_a_check_of_a_share_of_rows_or_of_other_rows_is_asked_of_each_alone() -> None:
    column = {"column": "n", "max_value": 3}
    assert is_shared({"type": "expect_column_values_to_be_between", "kwargs": column})
    assert not is_shared(
        {"type": "expect_column_values_to_be_between", "kwargs": {**column, "mostly": 0.5}}
    )
    assert not OF_ONE_ROW & {name for name, kind in KINDS.items() if kind.scope == "table"}
    for word in ("unique", "creasing", "z_score", "outliers"):
        assert not [name for name in OF_ONE_ROW if word in name]


def test_every_edge_case_that_can_be_shared_beside_another_half_of_it() -> None:
    frame = edge_cases.frame("plain").reset_index(drop=True)
    cases: list[Check] = [
        {"type": kind, "kwargs": kwargs}
        for _name, kind, kwargs in edge_cases.cases("plain")
        if is_shared({"type": kind, "kwargs": kwargs})
    ]
    whole = pd.concat([frame, frame], ignore_index=True)
    shared = [cases[place] for place in engine.directly(whole, cases, "edges")]
    assert len(shared) > len(cases) / 2
    assert_alike([frame, frame.iloc[: len(frame) // 2]], shared)


CHECKS: list[Check] = [
    {"type": "expect_column_values_to_be_between",
     "kwargs": {"column": "n", "min_value": -5, "max_value": 5}},
    {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "t"},
     "severity": "warning", "meta": {"loss": 250}},
    {"type": "expect_column_values_to_match_regex",
     "kwargs": {"column": "t", "regex": "^[가-힣]+$"}},
    {"type": "expect_column_values_to_be_in_set",
     "kwargs": {"column": "i", "value_set": [1, 2, 3]}, "severity": "info"},
    {"type": "expect_column_values_to_match_regex", "kwargs": {"column": "i", "regex": "^1$"}},
    {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "t"}},
    {"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 2}},
    {"type": "expect_column_mean_to_be_between", "kwargs": {"column": "n", "max_value": 2}},
    {"type": "expect_column_values_to_be_between",
     "kwargs": {"column": "n", "min_value": 0, "mostly": 0.5}},
]  # fmt: skip
ROWS = st.lists(
    st.tuples(
        st.one_of(st.none(), st.floats(-9, 9, width=16)),
        st.one_of(st.none(), st.sampled_from(["가", "나다", "x", "", "1"])),
        st.one_of(st.none(), st.integers(0, 4)),
    ),
    max_size=6,
)


def frame_of(rows: list[tuple[Any, ...]]) -> pd.DataFrame:  # Any: cells
    """As `cast` makes it: whole numbers with gaps are floats."""
    numbers, texts, wholes = ([row[place] for row in rows] for place in range(3))
    whole = np.array([np.nan if each is None else each for each in wholes], np.float64)
    return pd.DataFrame(
        {
            "n": np.array([np.nan if each is None else each for each in numbers], np.float64),
            "t": pd.Series(texts, dtype="str"),
            "i": whole if np.isnan(whole).any() else whole.astype(np.int64),
        },
        index=pd.Index(np.arange(3, 3 + len(rows)), name="row"),
    )


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ROWS, min_size=1, max_size=5))
def test_any_frames_beside_any_others(parts: list[list[tuple[Any, ...]]]) -> None:
    assert_alike([frame_of(rows) for rows in parts], CHECKS)
