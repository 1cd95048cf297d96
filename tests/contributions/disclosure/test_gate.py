from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contributions.disclosure import (
    OPEN,
    Earlier,
    Refused,
    Rule,
    examine,
    generalise,
    read_levels,
)

LOOSE = Rule(k=3, l=2, limit=Fraction(1))
AGES = read_levels([{"width": 10}, {"width": 50}, "*"])
Column = Sequence[str | None]
ROW = st.tuples(
    st.sampled_from(["11110", "11320", "11680"]),
    st.integers(0, 99).map(str),
    st.sampled_from(["bus", "car", "foot"]),
    st.integers(0, 12),
)


def columns(rows: list[tuple[str, str, str, int]]) -> dict[str, Column]:
    return {"district": [row[0] for row in rows], "age": [row[1] for row in rows]}


@given(st.lists(ROW, max_size=80))
def test_whatever_goes_out_has_k_units_and_l_values_in_every_class(
    rows: list[tuple[str, str, str, int]],
) -> None:
    """Counted again in plain Python, one record at a time."""
    try:
        found = examine(
            columns(rows),
            sensitive=[[row[2] for row in rows]],
            units=[row[3] for row in rows],
            levels={"age": AGES, "district": read_levels(["*"])},
            rule=Rule(k=3, l=2, limit=Fraction(5, 100)),
        )
    except Refused:
        return
    units, values = defaultdict(set), defaultdict(set)
    for place in np.nonzero(found.kept)[0]:
        key = (found.columns["district"][place], found.columns["age"][place])
        units[key].add(rows[place][3])
        values[key].add(rows[place][2])
    assert all(len(each) >= 3 for each in units.values())
    assert all(len(each) >= 2 for each in values.values())
    assert found.smallest == min(len(each) for each in units.values())
    assert {key: count.units for key, count in found.classes.items()} == {
        key: len(each) for key, each in units.items()
    }
    assert found.suppressed == len(rows) - int(found.kept.sum())
    assert found.suppressed <= len(rows) * 0.05


def test_values_are_made_coarser_only_as_far_as_needed() -> None:
    ages: Column = [str(30 + n) for n in range(10)] + [str(40 + n) for n in range(10)]
    found = examine({"age": ages}, units=range(20), levels={"age": AGES}, rule=OPEN)
    assert found.depths == (1,)
    assert found.kept.all()
    assert set(found.columns["age"]) == {"30-39", "40-49"}


def test_a_lone_record_is_suppressed_and_the_others_go() -> None:
    district: Column = ["11110"] * 99 + ["11320"]
    found = examine({"district": district}, units=range(100), rule=OPEN)
    assert (found.suppressed, bool(found.kept[99]), found.smallest) == (1, False, 99)


def test_above_five_in_a_hundred_nothing_goes() -> None:
    district: Column = ["11110"] * 94 + ["11320"] * 6
    with pytest.raises(Refused) as caught:
        examine({"district": district}, units=range(100), rule=OPEN)
    assert (caught.value.suppressed, caught.value.records) == (6, 100)


def test_many_records_of_one_person_are_no_crowd() -> None:
    district: Column = ["11110"] * 40
    with pytest.raises(Refused):
        examine({"district": district}, units=[7] * 40, rule=OPEN)


def test_a_class_in_which_all_say_the_same_tells_on_everybody() -> None:
    district: Column = ["11110"] * 20
    with pytest.raises(Refused):
        examine({"district": district}, sensitive=[["ill"] * 20], units=range(20), rule=OPEN)


def before(found_in: Column, units: list[int], present: list[bool]) -> Earlier:
    found = examine({"district": found_in}, units=units, rule=LOOSE)
    return Earlier(found.depths, found.classes, np.array(present))


def test_records_that_came_are_held_back_until_they_are_a_crowd() -> None:
    first: Column = ["a"] * 50
    earlier = before(first, list(range(50)), [True] * 50 + [False] * 2)
    found = examine(
        {"district": [*first, "a", "a"]}, units=range(52), rule=LOOSE, earlier=[earlier]
    )
    assert found.held_back == 2
    assert found.kept.sum() == 50
    crowd = before(first, list(range(50)), [True] * 50 + [False] * 3)
    assert examine(
        {"district": [*first, "a", "a", "a"]}, units=range(53), rule=LOOSE, earlier=[crowd]
    ).kept.all()


def test_a_class_that_one_person_left_is_not_given_out_again() -> None:
    first: Column = ["a"] * 20 + ["b"] * 20
    earlier = before(first, list(range(40)), [True] * 39)
    found = examine({"district": first[:39]}, units=range(39), rule=LOOSE, earlier=[earlier])
    assert found.kept.tolist() == [True] * 20 + [False] * 19, "class b would show who left"


@given(st.lists(st.tuples(st.sampled_from("ab"), st.booleans()), min_size=1, max_size=40))
def test_no_difference_between_two_releases_stands_for_fewer_than_k(
    rows: list[tuple[str, bool]],
) -> None:
    district: Column = [row[0] for row in rows]
    units = list(range(len(rows)))
    first = [place for place in units if rows[place][1]]
    try:
        given_out = examine(
            {"district": [district[place] for place in first]}, units=first, rule=LOOSE
        )
    except Refused:
        return
    present = np.zeros(len(rows), np.bool_)
    present[[place for place, kept in zip(first, given_out.kept, strict=True) if kept]] = True
    earlier = Earlier(given_out.depths, given_out.classes, present)
    try:
        second = examine({"district": district}, units=units, rule=LOOSE, earlier=[earlier])
    except Refused:
        return
    for name in "ab":
        there = np.array([value == name for value in district])
        now, then = second.kept & there, present & there
        if now.any():
            for difference in (now & ~then, then & ~now):
                assert int(difference.sum()) == 0 or int(difference.sum()) >= LOOSE.k


def test_nothing_that_identifies_means_nothing_to_refuse() -> None:
    found = examine({}, units=[1, 1], rule=OPEN)
    assert found.kept.all()


def test_levels_say_what_they_do_with_every_value() -> None:
    levels = read_levels([{"map": {"11110": "centre"}}, {"width": 5}, "*"])
    assert generalise(["11110", "x", None], levels, 0) == ["11110", "x", None]
    assert generalise(["11110", "x", None], levels, 1) == ["centre", "*", None]
    assert generalise(["12", "-1", "x", None], levels, 2) == ["10-14", "-5--1", "*", None]
    assert generalise(["12", None], levels, 3) == ["*", None]
    wrongs: list[object] = [
        [],
        {},
        [{"width": 0}],
        [{"width": True}],
        [{"map": {"a": 1}}],
        ["**"],
        [5],
    ]
    for wrong in wrongs:
        with pytest.raises(ValueError, match="level"):
            read_levels(wrong)
