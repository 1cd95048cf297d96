"""Cost multipliers and fill limits keep every promise of the coverage rule."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.valuation import coverage
from rewards.valuation.allocation import allocate, plus
from rewards.valuation.policy import Dimension, Policy, Stock, Stratum
from tests.rewards.valuation.strategies import epochs, policies, stocks, strata

Epoch = tuple[Policy, Stock, dict[str, Stock]]
NORTH, SOUTH = Stratum("district", "north"), Stratum("district", "south")


def city(
    costs: dict[str, Fraction] | None = None,
    limit: Fraction | None = None,
    cap: Fraction | None = None,
    *,
    over_open: bool = True,
) -> Policy:
    """Four in five live in the north; the city wants a thousand records."""
    district = Dimension("district", Fraction(1), {"north": 80, "south": 20}, costs or {})
    return Policy(10**9, 1000, (district,), cap, limit, cap_over_open=over_open)


def test_at_equal_fill_prices_differ_by_their_cost_multipliers() -> None:
    prices = coverage.prices(city({"south": Fraction(3, 2)}), {}, {NORTH: 80_000, SOUTH: 20_000})
    assert prices[SOUTH].full == Fraction(3, 2) * prices[NORTH].full
    # 0.2 × 1.5 of 0.8 + 0.2 × 1.5 stands behind the south
    assert prices[SOUTH].full == Fraction(3, 11) / (200_000 + 20_000)


def test_a_full_stratum_pays_nothing_more_and_leaves_the_others_alone() -> None:
    limited = city(limit=Fraction(2))
    full = {NORTH: 1_600_000, SOUTH: 10_000}
    quotes = coverage.prices(limited, full, full)
    assert quotes[NORTH].paid == 0
    later = coverage.prices(limited, full, {NORTH: 1_700_000, SOUTH: 20_000})
    assert later[NORTH].full == 0
    assert later[SOUTH].full == coverage.prices(city(), full, {**full, SOUTH: 20_000})[SOUTH].full
    assert coverage.value(limited, {NORTH: 10**9}) == Fraction(4, 5) * Fraction(2, 3)


def test_a_stratum_that_closes_takes_nothing_from_those_that_are_wanted() -> None:
    limit, cap = Fraction(2), Fraction(3)
    nearly, full = {NORTH: 1_599_999, SOUTH: 1_000}, {NORTH: 1_600_000, SOUTH: 1_000}
    for over_open in (True, False):
        policy = city(limit=limit, cap=cap, over_open=over_open)
        before = coverage.prices(policy, nearly, nearly)[SOUTH]
        after = coverage.prices(policy, full, full)[SOUTH]
        assert before.full == after.full
        # By the mean over all strata a closed one costs the open ones a part of their price.
        assert (after.paid == after.full) is over_open
        assert (after.paid >= before.paid) is over_open


@given(epochs(capped=True, priced=True))
def test_the_cap_compares_with_the_mean_of_the_strata_that_still_take_mass(epoch: Epoch) -> None:
    """Against means over counts of people, written down apart from shares and importance."""
    policy, before, brought = epoch
    prices = coverage.prices(policy, before, plus(before, *brought.values()))
    for dimension in policy.dimensions:
        whole, weighed, people = sum(dimension.counts.values()), Fraction(0), 0
        for key, count in dimension.counts.items():
            stratum = Stratum(dimension.name, key)
            target = Fraction(policy.target_records * 1000 * count, whole)
            full = policy.fill_limit is not None and before[stratum] >= policy.fill_limit * target
            if not (full and policy.cap_over_open):
                weighed, people = weighed + count * prices[stratum].full, people + count
        mean = weighed / people if people else Fraction(0)
        assert policy.price_cap is not None
        for key in dimension.counts:
            found = prices[Stratum(dimension.name, key)]
            assert found.mean == mean
            assert found.paid == min(found.full, policy.price_cap * mean)


def test_the_epoch_that_fills_a_stratum_shares_what_is_left_over_all_it_took() -> None:
    limited = city(limit=Fraction(2))
    before, after = {NORTH: 1_500_000}, {NORTH: 1_900_000}
    paid = coverage.prices(limited, before, after)[NORTH].full * 400_000
    assert paid == coverage.value(limited, after) - coverage.value(limited, before)


@given(epochs(capped=False, priced=True))
def test_what_is_paid_is_the_increment_of_value_less_the_floors(epoch: Epoch) -> None:
    policy, before, brought = epoch
    after = plus(before, *brought.values())
    exact = policy.pool * (coverage.value(policy, after) - coverage.value(policy, before))
    prices = coverage.prices(policy, before, after)
    result = allocate(pool=policy.pool, available=policy.pool, prices=prices, masses=brought)
    assert exact - sum(map(len, result.lines.values())) < result.total <= exact <= policy.pool


@given(policies(capped=False, priced=True), st.data())
def test_epochs_telescope(policy: Policy, data: st.DataObject) -> None:
    stock: Stock = {}
    paid = Fraction(0)
    for _ in range(data.draw(st.integers(1, 5))):
        added = data.draw(stocks(policy))
        after = plus(stock, added)
        prices = coverage.prices(policy, stock, after)
        paid += sum((prices[s].full * mass for s, mass in added.items()), Fraction(0))
        stock = after
    assert paid == coverage.value(policy, stock) < 1


@given(epochs(capped=False, priced=True), st.data())
def test_another_record_never_lowers_the_reward_of_who_brings_it(
    epoch: Epoch, data: st.DataObject
) -> None:
    policy, before, brought = epoch
    stratum = data.draw(st.sampled_from(strata(policy)))
    more = {**brought, "c0": plus(brought["c0"], {stratum: data.draw(st.integers(1, 50_000))})}

    def reward(masses: dict[str, Stock]) -> int:
        prices = coverage.prices(policy, before, plus(before, *masses.values()))
        found = allocate(pool=policy.pool, available=policy.pool, prices=prices, masses=masses)
        return found.reward("c0")

    assert reward(more) >= reward(brought)


@given(epochs(capped=False, priced=True))
def test_a_reward_lies_between_what_its_owner_adds_last_and_what_it_reaches_alone(
    epoch: Epoch,
) -> None:
    policy, _, brought = epoch
    after = plus(*brought.values())
    prices = coverage.prices(policy, {}, after)
    own = brought["c0"]
    others = {s: mass - own.get(s, 0) for s, mass in after.items()}
    pay = sum((prices[s].full * mass for s, mass in own.items()), Fraction(0))
    last = coverage.value(policy, after) - coverage.value(policy, others)
    assert last <= pay <= coverage.value(policy, own)


@given(policies(capped=False, dimensions_max=1), st.data())
def test_of_two_strata_the_emptier_one_pays_more(policy: Policy, data: st.DataObject) -> None:
    after = data.draw(stocks(policy))
    prices, (dimension,) = coverage.prices(policy, {}, after), policy.dimensions
    fills = {
        Stratum(dimension.name, key): after[Stratum(dimension.name, key)] / share
        for key, share in dimension.shares().items()
        if share
    }
    for first, fill in fills.items():
        for second, other in fills.items():
            assert (prices[first].full > prices[second].full) == (fill < other)


@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 1000)), min_size=100, max_size=100))
def test_over_a_hundred_epochs_splitting_moves_less_than_a_unit_of_the_asset(
    masses: list[tuple[int, int]],
) -> None:
    policy, whole, parts = city(), 0, 0
    stock: Stock = {}
    for mass, thousandths in masses:
        after: Stock = plus(stock, {SOUTH: mass})
        prices = coverage.prices(policy, stock, after)
        cut = mass * thousandths // 1000
        split = {"x": {SOUTH: cut}, "y": {SOUTH: mass - cut}}
        for brought, many in (({"a": {SOUTH: mass}}, False), (split, True)):
            result = allocate(
                pool=policy.pool, available=policy.pool, prices=prices, masses=brought
            )
            whole, parts = (whole, parts + result.total) if many else (whole + result.total, parts)
        stock = after
    assert 0 <= whole - parts <= len(masses)  # sub-units, of which a million are one unit


@pytest.mark.parametrize("cost", [Fraction(1, 2), Fraction(7, 2)])
def test_multipliers_outside_their_bounds_are_refused(cost: Fraction) -> None:
    with pytest.raises(ValueError, match="from 1 to 3"):
        city({"south": cost})


def test_a_multiplier_for_nobody_and_a_fill_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="does not have"):
        city({"mars": Fraction(2)})
    with pytest.raises(ValueError, match="positive fill"):
        city(limit=Fraction(0))
