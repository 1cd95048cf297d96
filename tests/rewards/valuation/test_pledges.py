"""What is checked and what waits: enough that a false claim does not pay, and no more than that."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from rewards.valuation.deterrence import Pledge, audit_rate, held_part

SHARES = st.fractions(Fraction(1, 100), 1, max_denominator=1000)
RATIOS = st.fractions(1, 50, max_denominator=100)


def gain(pledge: Pledge, ratio: Fraction) -> Fraction:
    """What one false record among honest ones expects, in prices of a true record, over honesty."""
    found = (1 - pledge.hold_back) * (ratio + pledge.records)
    missed = ratio + pledge.records
    expected = pledge.audit_rate * found + (1 - pledge.audit_rate) * missed
    return expected - (1 + pledge.records)


@given(SHARES, SHARES, st.integers(0, 10_000), RATIOS)
def test_a_pledge_reaches_the_bound_exactly_where_lying_gains_nothing(
    rate: Fraction, part: Fraction, records: int, ratio: Fraction
) -> None:
    pledge = Pledge(rate, part, records)
    assert pledge.reaches(ratio) == (gain(pledge, ratio) <= 0)


@given(SHARES, SHARES, st.integers(0, 10_000), RATIOS)
def test_what_would_be_enough_is_enough_and_the_least(
    rate: Fraction, part: Fraction, records: int, ratio: Fraction
) -> None:
    pledge = Pledge(rate, part, records)
    enough, hair = pledge.enough(ratio), Fraction(1, 10**9)
    assert Pledge(rate, part, enough.records).reaches(ratio)
    if enough.records:
        assert not Pledge(rate, part, enough.records - 1).reaches(ratio)
    if enough.audit_rate is not None:
        assert Pledge(enough.audit_rate, part, records).reaches(ratio)
        if ratio > 1:
            assert not Pledge(enough.audit_rate - hair, part, records).reaches(ratio)
    if enough.hold_back is None:
        assert not Pledge(rate, Fraction(1), records).reaches(ratio)


def test_the_published_figures_with_a_fine_of_twenty_prices() -> None:
    # docs/attacks.md: with a price cap of 3, 8.7 % of the claims.
    assert Pledge(Fraction(1), Fraction(1)).bound(Fraction(3)) == Fraction(2, 23)
    assert audit_rate(Fraction(3), Fraction(1), Fraction(20)) == Fraction(2, 23)


@given(st.integers(0, 10**13), st.integers(0, 10**13), SHARES)
def test_what_waits_is_rounded_down_so_splitting_gains_less_than_a_sub_unit(
    one: int, other: int, share: Fraction
) -> None:
    assert 0 <= held_part(one, share) <= one
    together = held_part(one + other, share)
    assert 0 <= together - held_part(one, share) - held_part(other, share) <= 1
