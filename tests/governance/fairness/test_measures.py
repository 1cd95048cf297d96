"""The measures agree with definitions and hand-made examples, exactly."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise, permutations, product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.fairness import measures as m

amounts = st.lists(st.integers(0, 10**12), min_size=1, max_size=12)
counts = st.dictionaries(st.sampled_from("abcde"), st.integers(0, 1000), min_size=1)


def test_a_ratio_of_exactly_four_fifths_is_fair() -> None:
    assert m.four_fifths({"a": (50, 100), "b": (40, 100)}) == {"a": "fair", "b": "fair"}
    assert m.four_fifths({"a": (50, 100), "b": (39, 100)})["b"] == "unfair"
    # Binary fractions get this one wrong: 0.56 / 0.7 is 0.7999999999999999… there.
    assert m.four_fifths({"a": (70, 100), "b": (56, 100)})["b"] == "fair"


def test_a_small_group_is_insufficient_and_never_the_reference() -> None:
    found = m.four_fifths({"tiny": (2, 2), "a": (50, 100), "b": (45, 100)})
    assert found == {"tiny": "insufficient", "a": "fair", "b": "fair"}
    assert m.four_fifths({"tiny": (2, 2)}) == {"tiny": "insufficient"}
    with pytest.raises(ValueError, match="between nobody"):
        m.selection_rates({"a": (3, 2)})


def test_wilson_intervals_are_those_of_the_textbook() -> None:
    low, high = m.wilson(8, 10)
    assert (m.rounded(low, 4), m.rounded(high, 4)) == ("0.4901", "0.9433")
    assert m.wilson(0, 10)[0] == 0
    with pytest.raises(ValueError, match="needs people"):
        m.wilson(0, 0)


@given(st.integers(1, 500), st.data())
def test_a_wilson_interval_holds_the_rate(people: int, data: st.DataObject) -> None:
    selected = data.draw(st.integers(0, people))
    low, high = m.wilson(selected, people)
    assert 0 <= low <= Fraction(selected, people) <= high <= 1


@given(amounts)
def test_gini_is_half_the_mean_difference(values: list[int]) -> None:
    total, n = sum(values), len(values)
    pairs = sum(abs(x - y) for x in values for y in values)
    assert m.gini(values) == (Fraction(pairs, 2 * n * total) if total else 0)
    assert m.gini(values) == m.gini(values[::-1])


def test_inequality_of_plain_cases() -> None:
    assert m.gini([5, 5, 5]) == 0
    assert m.gini([0, 0, 0, 8]) == Fraction(3, 4)
    assert m.top_share([1, 1, 8], Fraction(1, 10)) == Fraction(8, 10)
    assert m.top_share([0, 0], Fraction(1, 10)) == 0
    with pytest.raises(ValueError, match="negative"):
        m.gini([-1])


@given(st.dictionaries(st.sampled_from("abc"), amounts, min_size=1))
def test_theil_within_and_between_add_up(groups: dict[str, list[int]]) -> None:
    within, between = m.theil(groups)
    everybody = [x for values in groups.values() for x in values]
    whole, nothing = m.theil({"all": everybody})
    tolerance = Decimal("1e-22")
    assert abs(within + between - whole) < tolerance
    assert abs(nothing) < tolerance
    assert within > -tolerance
    assert between > -tolerance


@given(counts, counts)
def test_total_variation_is_a_distance(p: dict[str, int], q: dict[str, int]) -> None:
    assert m.total_variation(p, p) == 0
    assert 0 <= m.total_variation(p, q) == m.total_variation(q, p) <= 1


def test_representation_compares_with_the_population() -> None:
    assert m.total_variation({"a": 1}, {"b": 1}) == 1
    found = m.representation({"a": 75, "b": 25}, {"a": 50, "b": 50, "c": 0})
    assert found == {"a": Fraction(3, 2), "b": Fraction(1, 2)}


def test_reward_per_unit_is_compared_with_all_and_with_the_like() -> None:
    assert m.reward_ratio({"a": (10, 10), "b": (30, 10)}) == {
        "a": Fraction(1, 2), "b": Fraction(3, 2),
    }  # fmt: skip
    assert m.reward_ratio({"a": (0, 0)}) == {}
    # All of the difference comes from quality: like with like, everybody gets the same.
    cells = {("a", "low"): (10, 10), ("b", "low"): (1, 1), ("b", "high"): (30, 10)}
    assert m.matched_reward_ratio(cells) == {"a": 1, "b": 1}


def test_nothing_is_lost_and_nothing_appears() -> None:
    assert m.conserves([3, 4], carry=3, budget=10)
    assert not m.conserves([3, 4], carry=4, budget=10)
    assert not m.conserves([-1, 11], carry=0, budget=10)


def test_an_attribute_that_should_not_matter_is_found_when_it_does() -> None:
    subject = {"quality": 9, "sex": "F", "district": "11320"}
    changes = {"sex": ["F", "M"], "district": ["11110"]}
    assert m.unstable(lambda s: s["quality"], subject, changes) == []
    assert m.unstable(lambda s: (s["quality"], s["sex"]), subject, changes) == ["sex"]


def test_order_has_no_effect() -> None:
    groups = {"a": (50, 100), "b": (50, 100), "c": (10, 100)}
    results = {
        tuple(sorted(m.four_fifths(dict(order)).items())) for order in permutations(groups.items())
    }
    assert len(results) == 1


@given(amounts)
def test_the_lorenz_curve_is_convex_and_encloses_half_the_gini(values: list[int]) -> None:
    points = m.lorenz(values, steps=len(values))
    assert points[0] == 0
    assert points[-1] == 1
    slopes = [after - before for before, after in pairwise(points)]
    assert slopes == sorted(slopes)
    # With a step for each person, trapezoids give the area exactly.
    area = sum(((a + b) / 2 for a, b in pairwise(points)), Fraction(0)) / len(values)
    assert 1 - 2 * area == m.gini(values)


def test_the_lorenz_curve_of_a_hand_made_example() -> None:
    assert m.lorenz([1, 3], steps=4) == [0, Fraction(1, 8), Fraction(1, 4), Fraction(5, 8), 1]
    assert m.lorenz([0, 0], steps=2) == [0, Fraction(1, 2), 1]


def test_divergences_of_hand_made_examples() -> None:
    apart = m.jensen_shannon({"a": 1}, {"b": 1})
    assert abs(apart - 1) < Fraction(1, 10**20)
    assert m.jensen_shannon({"a": 2, "b": 2}, {"a": 1, "b": 1}) == 0
    assert m.jensen_shannon({}, {"a": 1}) == 0
    same = m.stability_index({"a": 5, "b": 5}, {"a": 50, "b": 50})
    assert same == 0
    # (0.75 - 0.25) ln 3 + (0.25 - 0.75) ln (1/3) = ln 3
    moved = m.stability_index({"a": 1, "b": 3}, {"a": 3, "b": 1})
    assert moved is not None
    assert m.rounded(moved) == "1.098612"
    assert m.stability_index({"a": 0}, {"a": 1}) is None


@given(counts, counts)
def test_divergences_are_symmetric_and_within_bounds(p: dict[str, int], q: dict[str, int]) -> None:
    there, back = m.jensen_shannon(p, q), m.jensen_shannon(q, p)
    assert 0 <= there <= 1
    assert abs(there - back) < Fraction(1, 10**20)
    index = m.stability_index(p, q)
    assert index is None or index > -Fraction(1, 10**20)


def newcombe(group: tuple[int, int], reference: tuple[int, int]) -> float:
    """The lower end of the interval of the difference, in binary fractions, as the paper has it."""

    def score(a: int, n: int) -> tuple[float, float]:
        z = 1.959964
        middle, root = 2 * a + z * z, z * math.sqrt(z * z + 4 * a * (1 - a / n))
        return (middle - root) / (2 * (n + z * z)), (middle + root) / (2 * (n + z * z))

    (a, n), (a_ref, n_ref) = group, reference
    _low, high = score(a, n)
    low_ref, _high = score(a_ref, n_ref)
    gap = a_ref / n_ref - a / n
    return gap - math.sqrt((a_ref / n_ref - low_ref) ** 2 + (high - a / n) ** 2)


@given(st.integers(1, 400), st.integers(1, 400), st.data())
def test_what_is_clear_is_what_the_interval_of_the_difference_says(
    n: int, n_ref: int, data: st.DataObject
) -> None:
    group = (data.draw(st.integers(0, n)), n)
    reference = (data.draw(st.integers(0, n_ref)), n_ref)
    low = newcombe(group, reference)
    if abs(low) > 1e-9:
        assert m.clearly_below(group, reference) == (low > 0)
    assert not m.clearly_below(group, group)


def test_the_interval_of_the_difference_is_the_one_that_was_published() -> None:
    """Newcombe 1998, table II, method 10: 56/70 less 48/80 lies from 0.0524 to 0.3339."""
    assert newcombe((48, 80), (56, 70)) == pytest.approx(0.0524, abs=5e-5)
    assert m.clearly_below((48, 80), (56, 70))
    # The same table: 9/10 less 3/10 from 0.1705, and 0/10 less 0/10 around nothing.
    assert newcombe((3, 10), (9, 10)) == pytest.approx(0.1705, abs=5e-5)
    assert not m.clearly_below((0, 10), (0, 20))


def test_an_honest_rule_is_called_unfair_now_and_then_and_not_every_third_time() -> None:
    """Two groups of thirty, half of each selected by the toss of a coin: every outcome, exactly."""
    size = 30
    weights = [math.comb(size, a) for a in range(size + 1)]
    plain = judged = 0
    for a, b in product(range(size + 1), repeat=2):
        groups = {"a": (a, size), "b": (b, size)}
        weight = weights[a] * weights[b]
        plain += weight * ("unfair" in m.four_fifths(groups).values())
        judged += weight * ("unfair" in m.judge(groups).values())
    total = 4**size
    assert Fraction(plain, total) > Fraction(1, 3)
    assert Fraction(judged, total) < Fraction(7, 100)


def test_of_twenty_five_honest_districts_hardly_ever_one_is_called_unfair() -> None:
    """Chance has three hundred pairs to choose from."""
    dice, plain, judged = Random(5), 0, 0
    for _ in range(200):
        groups = {str(n): (sum(dice.random() < 0.6 for _ in range(60)), 60) for n in range(25)}
        plain += "unfair" in m.four_fifths(groups).values()
        judged += "unfair" in m.judge(groups).values()
    assert plain > 190
    assert judged <= 10


def test_what_is_unfair_by_far_is_called_so_with_thirty_people_too() -> None:
    assert m.judge({"a": (30, 30), "b": (15, 30)})["b"] == "unfair"
    assert m.judge({"a": (30, 30), "b": (0, 30)})["b"] == "unfair"
    assert m.judge({"a": (16, 30), "b": (12, 30)})["b"] == "unclear"
    assert m.judge({"a": (16_000, 30_000), "b": (12_000, 30_000)})["b"] == "unfair"
    # Of two groups with the same highest rate the larger one tells more.
    assert m.judge({"a": (24, 30), "b": (800, 1000), "c": (55, 100)})["c"] == "unfair"


def test_an_interval_is_rounded_outward() -> None:
    low, high = m.wilson(8, 10)
    assert Fraction(m.rounded(low)) <= low
    assert Fraction(m.rounded(high, up=True)) >= high
    assert m.rounded(Fraction(1), up=True) == m.rounded(Fraction(1)) == "1.000000"
    assert m.rounded(Fraction(1, 3), up=True) == "0.333334"
