"""Noise makes no new record, wherever the values lie; held against a rule worked out by hand."""

from __future__ import annotations

import math
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contributions.near import Placed, digest_of, place, resolve

KEY = b"secret"
PLACES = {"x": 1, "y": 0}
#: (station, x, y): x is near within a tenth, y within one.
VALUES = st.integers(-40, 40).map(lambda n: Decimal(n) / 20)
ROWS = st.lists(st.tuples(st.sampled_from("ab"), VALUES, VALUES), max_size=12)
#: Contributions in the order in which they were sent.
SENT = st.lists(ROWS, max_size=5)
Row = tuple[str, Decimal, Decimal]
SPELLINGS = ("{}", "{:.4f}", "+{}", "0{}", "{:e}", " {} ")


def spelled(value: Decimal, spelling: int) -> str:
    form = SPELLINGS[spelling % len(SPELLINGS)]
    # A sign in front of a sign, or a nought before it, would be no number.
    plain = form in ("+{}", "0{}") and value.is_signed()
    return str(value) if plain else form.format(value)


def placed(rows: list[Row], *, turned: bool = False, spelling: int = 0) -> Placed:
    columns = {
        "name": [row[0] for row in rows],
        "x": [spelled(row[1], spelling) for row in rows],
        "y": [spelled(row[2], spelling + 1) for row in rows],
    }
    names = list(columns)[::-1] if turned else list(columns)
    table = pa.table({name: pa.array(columns[name], pa.string()) for name in names})
    return place(table, key=None, near=PLACES, digest_key=KEY)


def counted(sent: list[list[Row]], *, turned: bool = False, spelling: int = 0) -> list[int]:
    """How many records count for each contribution, one after the other."""
    known: dict[bytes, int] = {}
    counts = []
    for number, rows in enumerate(sent):
        found = resolve(
            placed(rows, turned=turned, spelling=spelling).spots, known=known, digest_key=KEY
        )
        mine = [anchor for anchor in found if anchor is not None and anchor not in known]
        assert len(mine) == len(set(mine))
        known.update(dict.fromkeys(mine, number))
        counts.append(len(mine))
    return counts


def by_hand(sent: list[list[Row]]) -> list[int]:
    """The rule without digests: every record against every anchor."""

    def cell(row: Row) -> tuple[str, int, int]:
        return row[0], math.floor(row[1] * 20), math.floor(row[2] * 2)

    def near(one: tuple[str, int, int], other: tuple[str, int, int]) -> bool:
        return one[0] == other[0] and max(abs(one[1] - other[1]), abs(one[2] - other[2])) <= 1

    anchors: list[tuple[str, int, int]] = []
    counts = []
    for rows in sent:
        before = list(anchors)
        for at in sorted({cell(row) for row in rows}):
            if not any(near(at, anchor) for anchor in anchors):
                anchors.append(at)
        counts.append(len(anchors) - len(before))
    return counts


@given(SENT)
def test_it_counts_as_the_rule_worked_out_by_hand(sent: list[list[Row]]) -> None:
    assert counted(sent) == by_hand(sent)


@given(SENT, st.randoms(use_true_random=False), st.integers(0, 5))
def test_no_order_of_rows_or_columns_and_no_spelling_changes_the_count(
    sent: list[list[Row]], chance: object, spelling: int
) -> None:
    shuffled = [list(rows) for rows in sent]
    for rows in shuffled:
        chance.shuffle(rows)  # type: ignore[attr-defined]  # hypothesis' Random
    assert counted(shuffled, turned=True, spelling=spelling) == counted(sent)


@given(ROWS, st.lists(st.tuples(VALUES, VALUES), max_size=12))
def test_copies_with_noise_count_for_nobody_else(
    rows: list[Row], noise: list[tuple[Decimal, Decimal]]
) -> None:
    moved = [
        (name, x + dx / 40, y + dy / 4)  # at most half a unit of each
        for (name, x, y), (dx, dy) in zip(rows, noise, strict=False)
    ]
    owners = [row for row, at in zip(rows, placed(rows).spot_of_row, strict=True)
              if resolve(placed(rows).spots, known={}, digest_key=KEY)[at] is not None]  # fmt: skip
    anchors = {digest_of(placed([row]).spots[0], digest_key=KEY): 0 for row in owners}
    for (name, x, y), row in zip(moved, rows, strict=False):
        if row in owners:
            copy = placed([(name, x, y)])
            (anchor,) = resolve(copy.spots, known=anchors, digest_key=KEY)
            assert anchor in anchors


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2.49", "2.51", True), ("2.45", "2.55", False), ("-0.01", "0.01", True),
        ("0.999", "1.001", True), ("9.9", "10.0", False), ("3", "3.04", True), ("3", "3.1", False),
        ("1e1", "10.00", True), ("n/a", "n/a", True), ("n/a", "1", False), ("", "0", False),
        ("1e70", "1e70", True), ("1e70", "1.0000001e70", False), ("NaN", "NaN", True),
        ("1e-900", "-1e-900", True), ("12345678901234567.01", "12345678901234567.02", True),
    ],
)  # fmt: skip
def test_what_is_near_to_a_tenth(one: str, other: str, same: bool) -> None:
    table = pa.table({"x": pa.array([one, other], pa.string())})
    spots = place(table, key=["x"], near={"x": 1}, digest_key=KEY).spots
    found = resolve(spots, known={}, digest_key=KEY)
    assert (len([each for each in found if each]) == 1) is same


def test_of_several_anchors_the_one_whose_owner_came_first_is_joined() -> None:
    table = pa.table({"x": pa.array(["0", "0.05", "0.1"], pa.string())})
    low, middle, high = place(table, key=["x"], near={"x": 1}, digest_key=KEY).spots
    low_, high_ = (digest_of(each, digest_key=KEY) for each in (low, high))
    for known, joined in (({low_: 2, high_: 1}, high_), ({low_: 1, high_: 2}, low_)):
        assert resolve([middle], known=known, digest_key=KEY) == [joined]
    assert resolve([low, middle, high], known={}, digest_key=KEY)[1] is None


def test_a_long_row_of_neighbours_is_not_one_record() -> None:
    steps = [("a", Decimal(n) / 20, Decimal(0)) for n in range(100)]
    assert counted([steps]) == [50]
