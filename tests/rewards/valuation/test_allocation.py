"""Allocation against a second way of sharing, and at its edges."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.valuation.allocation import allocate
from rewards.valuation.policy import Price, Stratum

A, B = Stratum("district", "a"), Stratum("district", "b")


def price(value: Fraction) -> Price:
    return Price(full=value, paid=value, mean=value)


def test_what_flooring_leaves_stays_in_the_pool() -> None:
    prices = {A: price(Fraction(1, 3))}
    result = allocate(pool=10, available=10, prices=prices, masses={"x": {A: 1}, "y": {A: 2}})
    assert (result.reward("x"), result.reward("y"), result.total) == (3, 6, 9)


def test_a_line_can_be_checked_by_its_own_numbers() -> None:
    prices = {A: price(Fraction(2, 7)), B: price(Fraction(1, 9))}
    lines = allocate(pool=100, available=100, prices=prices, masses={"x": {B: 2, A: 1}}).lines["x"]
    assert [line.stratum for line in lines] == [A, B]
    assert [line.mass * line.numerator // line.denominator for line in lines] == [28, 22]


def test_mass_without_a_price_earns_nothing() -> None:
    result = allocate(pool=10, available=10, prices={}, masses={"x": {A: 5}})
    assert result.total == 0
    assert result.lines["x"] == ()


def test_an_exhausted_pool_reduces_every_line_alike() -> None:
    prices = {A: price(Fraction(1, 10))}
    masses = {"x": {A: 4}, "y": {A: 4}}
    result = allocate(pool=1000, available=400, prices=prices, masses=masses)
    assert result.scale == Fraction(1, 2)
    assert (result.reward("x"), result.reward("y")) == (200, 200)
    assert allocate(pool=1000, available=0, prices=prices, masses=masses).total == 0


def test_negative_mass_is_refused() -> None:
    with pytest.raises(ValueError, match="negative mass"):
        allocate(pool=10, available=10, prices={}, masses={"x": {A: -1}})


@given(
    st.integers(0, 10**13),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=30),
    st.integers(1, 10**9),
)
def test_amounts_are_the_floors_of_exact_shares(pool: int, masses: list[int], parts: int) -> None:
    whole = max(sum(masses), 1) * parts
    result = allocate(
        pool=pool,
        available=pool,
        prices={A: price(Fraction(1, whole))},
        masses={str(n): {A: mass} for n, mass in enumerate(masses)},
    )
    for n, mass in enumerate(masses):
        exact = Fraction(pool) * mass / whole
        assert 0 <= exact - result.reward(str(n)) < 1
