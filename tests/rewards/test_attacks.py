"""The published table of attacks is what the code gives, and says what it should."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.attacks import TARGET, measured, page
from rewards.valuation import coverage
from rewards.valuation.deterrence import audit_rate, call_audit_rate, escrow_share, worst_case
from rewards.valuation.policy import Dimension, Policy, Price, Stratum

prices = st.fractions(0, 1000, max_denominator=100)


def test_the_published_table_is_what_the_code_measures() -> None:
    assert TARGET.read_text(encoding="utf-8") == page(measured())


def test_what_the_rules_promise_to_stop_gains_nothing() -> None:
    stopped = {"Splitting", "Merging", "Exact copies", "Reordering", "False stratum"}
    stopped |= {"Around the close"}
    attacks = measured()
    assert stopped <= {attack.name for attack in attacks}
    for attack in attacks:
        if attack.name in stopped:
            assert attack.after == 1
        assert attack.after <= attack.without or attack.name == "Merging"


@given(prices, prices, prices)
def test_at_the_published_rate_a_lie_pays_no_more_than_the_truth(
    claimed: Fraction, true: Fraction, fine: Fraction
) -> None:
    rate = audit_rate(claimed, true, fine)
    assert 0 <= rate <= 1
    expected = (1 - rate) * claimed - rate * fine
    assert expected <= true
    if rate:
        assert expected == true  # and at no lower one


@given(prices, prices.filter(bool), st.fractions("0.01", 1), st.integers(1, 1000))
def test_the_pay_that_waits_is_the_fine(
    claimed: Fraction, true: Fraction, rate: Fraction, records: int
) -> None:
    share = escrow_share(claimed, true, rate, records)
    assert 0 <= share <= 1
    if share < 1:
        assert audit_rate(claimed, true, share * true * records) <= rate


def test_rates_known_from_the_literature_of_this_bound() -> None:
    assert float(audit_rate(Fraction(3), Fraction(1), Fraction(20))) == pytest.approx(
        0.087, abs=1e-3
    )
    assert audit_rate(Fraction(50), Fraction(1), Fraction(20)) == Fraction(7, 10)


def test_a_call_publishes_the_rate_of_its_own_worst_case() -> None:
    district = Dimension("district", Fraction(1), {"a": 80, "b": 20, "park": 0})
    policy = Policy(10**9, 1000, (district,))
    stock = {Stratum("district", "a"): 2_000_000}
    found = coverage.prices(policy, stock, stock)
    claimed, true = worst_case(found)
    assert claimed / true == Fraction(49, 4)
    assert call_audit_rate(found, Fraction(20)) == Fraction(15, 43)
    assert call_audit_rate({}, Fraction(20)) == 0


paid = st.fractions("0.05", 10, max_denominator=20)


@given(st.lists(st.lists(paid, min_size=1, max_size=3), min_size=1, max_size=3), st.integers(0, 30))
def test_at_the_rate_of_a_call_no_lie_pays_in_any_of_its_dimensions_or_in_all_of_them(
    by_dimension: list[list[Fraction]], fine: int
) -> None:
    """Every record against every claim: who lies may lie in several dimensions at once."""
    found = {
        Stratum(str(number), str(key)): Price(full=price, paid=price, mean=price)
        for number, own in enumerate(by_dimension)
        for key, price in enumerate(own)
    }
    rate = call_audit_rate(found, Fraction(fine))
    totals = [sum(chosen, Fraction(0)) for chosen in product(*by_dimension)]
    for claimed, true in product(totals, totals):
        if claimed > true:
            assert (1 - rate) * claimed - rate * fine * true <= true
