"""Shapley values of institutions: the axioms exactly, the estimate within its interval."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.valuation import permutation

Game = dict[frozenset[str], int]


@st.composite
def games(draw: st.DrawFn) -> tuple[list[str], Game]:
    players = list("abcd")[: draw(st.integers(1, 4))]
    worth = {
        frozenset(p for bit, p in enumerate(players) if mask >> bit & 1): draw(
            st.integers(-100, 100)
        )
        for mask in range(1 << len(players))
    }
    return players, worth


@given(games())
def test_the_exact_value_is_the_mean_over_all_orders(game: tuple[list[str], Game]) -> None:
    players, worth = game
    found = permutation.exact(players, worth.__getitem__)
    orders = list(permutations(players))
    for player in players:
        gains = [
            worth[frozenset(order[: order.index(player) + 1])]
            - worth[frozenset(order[: order.index(player)])]
            for order in orders
        ]
        assert found[player] == Fraction(sum(gains), len(orders))
    assert sum(found.values()) == worth[frozenset(players)] - worth[frozenset()]


def coverage(sizes: dict[str, int]) -> permutation.Utility:
    """A concave utility: what a coalition holds, over what it holds and a hundred."""

    def worth(coalition: frozenset[str]) -> Fraction:
        held = sum(sizes[name] for name in coalition)
        return Fraction(held, 100 + held)

    return worth


SIZES = {f"i{number:02d}": number + 1 for number in range(16)}


def test_beyond_fourteen_the_estimate_tells_its_error_and_still_sums_to_the_whole() -> None:
    worth = coverage(SIZES)
    found = permutation.estimate(list(SIZES), worth, seed="2026-q4", epsilon=Fraction(1, 1000))
    assert sum(found.values.values()) == worth(frozenset(SIZES))
    assert max(found.half_widths.values()) <= Fraction(1, 1000)
    by_size = [found.values[name] for name in SIZES]
    assert by_size[0] < by_size[7] < by_size[15]


def test_the_estimate_follows_from_the_seed_and_not_from_the_order_of_names() -> None:
    names = list(reversed(SIZES))
    first = permutation.estimate(list(SIZES), coverage(SIZES), seed="a", epsilon=Fraction(1, 100))
    again = permutation.estimate(names, coverage(SIZES), seed="a", epsilon=Fraction(1, 100))
    other = permutation.estimate(names, coverage(SIZES), seed="b", epsilon=Fraction(1, 100))
    assert first.values == again.values != other.values


def test_the_interval_holds_the_exact_value() -> None:
    exact_of = permutation.EXACT_MOST
    sizes = {name: SIZES[name] for name in list(SIZES)[:exact_of]}
    exact = permutation.exact(list(sizes), coverage(sizes))
    # Two players who add nothing make the game one that is sampled, and change nobody's value.
    padded = {**sizes, "x": 0, "y": 0}
    found = permutation.estimate(
        list(padded), coverage(padded), seed="7", epsilon=Fraction(2, 1000)
    )
    for name, value in exact.items():
        assert abs(float(found.values[name] - value)) <= 2 * found.half_widths[name]
    assert found.values["x"] == found.values["y"] == 0


def test_intervals_hold_the_exact_value_about_as_often_as_they_say() -> None:
    sizes = {name: SIZES[name] for name in list(SIZES)[: permutation.EXACT_MOST]}
    total = 10**9

    def worth(coalition: frozenset[str]) -> int:
        held = sum(sizes.get(name, 0) for name in coalition)
        return total * held // (100 + held)

    exact = permutation.exact(list(sizes), worth)
    held = dict.fromkeys((permutation.PAIRS_LEAST, 60), 0)
    draws = 40
    for pairs in held:
        for seed in range(draws):
            found = permutation.estimate(
                [*sizes, "x"], worth, seed=str(seed), epsilon=Fraction(1, 10), pairs_most=pairs
            )
            assert found.pairs == pairs
            held[pairs] += sum(
                abs(found.values[name] - value) <= found.half_widths[name]
                for name, value in exact.items()
            )
    shares = {pairs: Fraction(count, draws * len(exact)) for pairs, count in held.items()}
    assert all(Fraction(93, 100) <= share <= Fraction(98, 100) for share in shares.values()), shares


@pytest.mark.parametrize(
    ("pairs", "published"),
    [(16, 2.131450), (31, 2.042272), (61, 2.000298), (121, 1.979930), (2_000, 1.961151)],
)
def test_the_interval_is_students(pairs: int, published: float) -> None:
    """Beside the tables of Student's distribution, 97.5 % to one side."""
    assert float(permutation.student_95(pairs)) == pytest.approx(published, abs=5e-6)


@pytest.mark.parametrize("players", [[], ["a", "a"], [str(n) for n in range(31)]])
def test_more_than_thirty_nobody_and_the_same_twice_are_refused(players: list[str]) -> None:
    with pytest.raises(ValueError, match="each named once"):
        permutation.estimate(players, lambda coalition: 0, seed="", epsilon=Fraction(1))
