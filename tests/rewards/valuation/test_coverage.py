"""Coverage pricing against its properties and against integrals computed another way."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import comb
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.valuation import coverage, flat
from rewards.valuation.allocation import Allocation, allocate, plus
from rewards.valuation.policy import Dimension, Item, Policy, Stock, Stratum
from tests.rewards.valuation.strategies import epochs, policies, stocks, strata

Epoch = tuple[Policy, Stock, dict[str, Stock]]


def settle(policy: Policy, before: Stock, brought: Mapping[str, Stock]) -> Allocation:
    prices = coverage.prices(policy, before, plus(before, *brought.values()))
    return allocate(pool=policy.pool, available=policy.pool, prices=prices, masses=brought)


def two_groups(price_cap: Fraction | None = None) -> Policy:
    """Four in five live in the north; the city wants a thousand records."""
    district = Dimension("district", Fraction(1), {"north": 80, "south": 20})
    return Policy(pool=10**9, target_records=1000, dimensions=(district,), price_cap=price_cap)


NORTH, SOUTH = Stratum("district", "north"), Stratum("district", "south")


def test_a_reward_can_be_recomputed_on_a_pocket_calculator() -> None:
    # 10 full records for the south, where 200 are wanted and 40 are there afterwards:
    # 10,000 / (200,000 + 40,000) * 0.2 * 1000 units
    result = settle(two_groups(), {SOUTH: 30_000}, {"mina": {SOUTH: 10_000}})
    assert result.reward("mina") == 10**9 * 200_000 * 10_000 // (5 * 230_000 * 240_000)
    first = settle(two_groups(), {}, {"mina": {SOUTH: 40_000}})
    assert first.reward("mina") == 10**9 * 40_000 // (5 * 240_000)


def test_a_record_from_an_empty_part_of_the_city_is_worth_more() -> None:
    prices = coverage.prices(two_groups(), {}, {NORTH: 800_000, SOUTH: 0})
    assert prices[SOUTH].multiplier > 1 > prices[NORTH].multiplier
    balanced = coverage.prices(two_groups(), {}, {NORTH: 80_000, SOUTH: 20_000})
    assert balanced[SOUTH].multiplier == balanced[NORTH].multiplier == 1


def test_the_cap_is_a_ratio_to_the_uncapped_mean_and_its_rest_stays_in_the_pool() -> None:
    after = {NORTH: 8_000_000, SOUTH: 10_000}
    free = coverage.prices(two_groups(), {}, after)
    capped = coverage.prices(two_groups(Fraction(2)), {}, after)
    mean = Fraction(4, 5) * free[NORTH].full + Fraction(1, 5) * free[SOUTH].full
    assert free[SOUTH].paid > 2 * mean
    assert capped[SOUTH].paid == 2 * mean
    assert capped[SOUTH].multiplier == 2
    assert capped[NORTH] == free[NORTH]


def test_a_stratum_without_population_has_no_price_and_divides_nothing() -> None:
    policy = Policy(1000, 10, (Dimension("district", Fraction(1), {"a": 1, "park": 0}),))
    prices = coverage.prices(policy, {}, {Stratum("district", "park"): 5000})
    assert prices[Stratum("district", "park")].full == 0
    assert coverage.value(policy, {Stratum("district", "park"): 5000}) == 0


def test_a_shrinking_stock_is_refused() -> None:
    with pytest.raises(ValueError, match="goes from 2 to 1"):
        coverage.prices(two_groups(), {NORTH: 2}, {NORTH: 1})


@given(epochs(capped=False))
def test_what_is_paid_is_the_increment_of_value_less_the_floors(epoch: Epoch) -> None:
    policy, before, brought = epoch
    after = plus(before, *brought.values())
    exact = policy.pool * (coverage.value(policy, after) - coverage.value(policy, before))
    result = settle(policy, before, brought)
    lines = sum(len(own) for own in result.lines.values())
    assert exact - lines < result.total <= exact


@given(epochs())
def test_no_line_is_negative_and_the_pool_is_never_exceeded(epoch: Epoch) -> None:
    policy, before, brought = epoch
    result = settle(policy, before, brought)
    assert all(line.amount >= 0 for own in result.lines.values() for line in own)
    assert result.total == sum(result.reward(name) for name in brought) <= policy.pool


@given(epochs(), st.randoms(use_true_random=False))
def test_order_and_names_of_contributions_do_not_matter(epoch: Epoch, random: Random) -> None:
    policy, before, brought = epoch
    names = list(brought)
    random.shuffle(names)
    renamed = dict(zip(names, brought.values(), strict=True))
    shuffled = {name: renamed[name] for name in sorted(renamed)}
    direct, other = settle(policy, before, brought), settle(policy, before, shuffled)
    assert [direct.reward(n) for n in brought] == [other.reward(n) for n in renamed]


@given(epochs(), st.integers(0, 1000))
def test_splitting_never_gains_and_merging_gains_under_one_unit_a_line(
    epoch: Epoch, thousandths: int
) -> None:
    policy, before, brought = epoch
    whole = settle(policy, before, brought)
    part = {s: mass * thousandths // 1000 for s, mass in brought["c0"].items()}
    rest = {s: mass - part[s] for s, mass in brought["c0"].items()}
    others = {name: stock for name, stock in brought.items() if name != "c0"}
    split = settle(policy, before, {**others, "x": part, "y": rest})
    merging_gain = whole.reward("c0") - split.reward("x") - split.reward("y")
    assert 0 <= merging_gain <= len(whole.lines["c0"])
    assert all(whole.reward(name) == split.reward(name) for name in others)


@given(epochs(capped=False), st.data())
def test_another_record_never_lowers_the_reward_of_who_brings_it(
    epoch: Epoch, data: st.DataObject
) -> None:
    policy, before, brought = epoch
    stratum = data.draw(st.sampled_from(strata(policy)))
    more = {**brought, "c0": plus(brought["c0"], {stratum: data.draw(st.integers(1, 50_000))})}
    earlier, later = settle(policy, before, brought), settle(policy, before, more)
    assert later.reward("c0") >= earlier.reward("c0")


@given(epochs(capped=False), st.data())
def test_mass_in_one_stratum_does_not_touch_what_another_pays(
    epoch: Epoch, data: st.DataObject
) -> None:
    policy, before, brought = epoch
    after = plus(before, *brought.values())
    touched = data.draw(st.sampled_from(strata(policy)))
    more = plus(after, {touched: data.draw(st.integers(1, 10**6))})
    earlier, later = coverage.prices(policy, before, after), coverage.prices(policy, before, more)
    for stratum in earlier:
        if stratum != touched:
            assert earlier[stratum].paid == later[stratum].paid
        elif earlier[stratum].full:
            assert later[stratum].full < earlier[stratum].full


@given(policies(capped=False), st.data())
def test_epochs_telescope_to_the_value_of_everything(policy: Policy, data: st.DataObject) -> None:
    stock: Stock = {}
    paid = Fraction(0)
    for _ in range(data.draw(st.integers(1, 6))):
        added = data.draw(stocks(policy))
        after = plus(stock, added)
        prices = coverage.prices(policy, stock, after)
        paid += sum((prices[s].full * mass for s, mass in added.items()), Fraction(0))
        stock = after
    assert paid == coverage.value(policy, stock) < 1


@given(epochs())
def test_a_copy_without_mass_earns_nothing_and_changes_nothing(epoch: Epoch) -> None:
    policy, before, brought = epoch
    clone = {**brought, "clone": dict.fromkeys(strata(policy), 0)}
    with_clone, without = settle(policy, before, clone), settle(policy, before, brought)
    assert with_clone.reward("clone") == 0
    assert with_clone.total == without.total


@given(epochs(), st.integers(2, 50))
def test_the_unit_of_mass_does_not_matter(epoch: Epoch, factor: int) -> None:
    policy, before, brought = epoch
    larger = Policy(
        policy.pool, policy.target_records * factor, policy.dimensions, policy.price_cap
    )
    scaled = {
        name: {s: mass * factor for s, mass in stock.items()} for name, stock in brought.items()
    }
    scaled_before = {s: mass * factor for s, mass in before.items()}
    direct, other = settle(policy, before, brought), settle(larger, scaled_before, scaled)
    assert [direct.reward(n) for n in brought] == [other.reward(n) for n in brought]


@given(epochs())
def test_no_price_passes_its_cap_and_no_cap_raises_a_price(epoch: Epoch) -> None:
    policy, before, brought = epoch
    prices = coverage.prices(policy, before, plus(before, *brought.values()))
    for price in prices.values():
        assert price.paid <= price.full
        if policy.price_cap is not None:
            assert price.paid <= policy.price_cap * price.mean


@given(policies(capped=False, dimensions_max=1), st.data())
def test_prices_are_the_mean_marginal_value_along_the_way(
    policy: Policy, data: st.DataObject
) -> None:
    """Aumann-Shapley by its definition: a Gauss-Legendre integral of the derivative of v."""
    shares = policy.dimensions[0].shares()
    after = {
        Stratum(policy.dimensions[0].name, key): int(policy.target_mass * share * fill)
        for key, share in shares.items()
        for fill in [data.draw(st.integers(0, 10))]
    }
    nodes, weights = np.polynomial.legendre.leggauss(64)
    prices = coverage.prices(policy, {}, after)
    for key, share in shares.items():
        stratum = Stratum(policy.dimensions[0].name, key)
        half, mass = float(policy.target_mass * share), after[stratum]
        if half and mass:
            along = mass * (nodes + 1) / 2
            marginal = float(share) * half / (half + along) ** 2
            integral = float(np.sum(weights * marginal) / 2)
            assert float(prices[stratum].full) == pytest.approx(integral, rel=1e-12)


@given(st.lists(st.integers(1, 400_000), min_size=2, max_size=3), st.integers(300, 4000))
def test_the_shapley_value_of_ever_smaller_accounts_comes_to_what_is_paid(
    masses: list[int], target: int
) -> None:
    """Aumann-Shapley as its limit: cut everybody in m, and the game's own Shapley value is near it.

    Brute force over all coalitions of the cut accounts, up to four times the target; the distance
    falls as 1/m.
    """
    policy = Policy(10**9, target, (Dimension("district", Fraction(1), {"north": 1}),))

    def worth(mass: Fraction) -> Fraction:
        return mass / (policy.target_mass + mass)

    def shapley_of_first(parts: int) -> Fraction:
        players = [Fraction(mass, parts) for mass in masses for _ in range(parts)]
        own, others = players[0], players[1:]
        size, found = len(players), Fraction(0)
        sums = {(0, Fraction(0)): 1}  # how many coalitions of the others have a size and a mass
        for other in others:
            grown = dict(sums)
            for (count, mass), ways in sums.items():
                key = (count + 1, mass + other)
                grown[key] = grown.get(key, 0) + ways
            sums = grown
        for (count, mass), ways in sums.items():
            gain = worth(mass + own) - worth(mass)
            found += ways * gain / (size * comb(size - 1, count))
        return found * parts

    paid = coverage.prices(policy, {}, {NORTH: sum(masses)})[NORTH].full * masses[0]
    far, near = (abs(shapley_of_first(parts) - paid) for parts in (2, 4))
    assert near <= far * Fraction(7, 10)


@given(policies(capped=False, dimensions_max=1), st.integers(1, 40), st.data())
def test_a_price_lies_between_a_left_and_a_right_sum_of_exact_marginals(
    policy: Policy, steps: int, data: st.DataObject
) -> None:
    """A brute-force Riemann sum in Fractions encloses what an epoch pays a stratum."""
    dimension = policy.dimensions[0]
    key = data.draw(st.sampled_from(sorted(dimension.counts)))
    share = dimension.shares()[key]
    half = policy.target_mass * share
    had, added = data.draw(st.integers(0, 10**6)), data.draw(st.integers(1, 10**6))
    stratum = Stratum(dimension.name, key)
    paid = coverage.prices(policy, {stratum: had}, {stratum: had + added})[stratum].full * added
    if not half:
        assert paid == 0
        return
    width = Fraction(added, steps)
    marginals = [share * half / (half + had + width * n) ** 2 for n in range(steps + 1)]
    assert width * sum(marginals[1:]) <= paid <= width * sum(marginals[:-1])


@given(st.integers(1, 500), st.integers(0, 10**6), st.integers(1, 10**6))
def test_on_data_that_mirrors_the_city_flat_and_coverage_pay_alike(
    target: int, before: int, added: int
) -> None:
    counts = {"a": 1, "b": 3, "c": 6}
    policy = Policy(10**12, target, (Dimension("district", Fraction(1), counts),))

    def mirror(records: int) -> Stock:
        return {Stratum("district", key): records * n * 1000 for key, n in counts.items()}

    start, end = mirror(before), mirror(before + added)
    everyone_before, everyone_after = sum(start.values()), sum(end.values())
    covered = coverage.value(policy, end) - coverage.value(policy, start)
    flat_prices = flat.prices(
        policy, {flat.EVERYONE: everyone_before}, {flat.EVERYONE: everyone_after}
    )
    assert flat_prices[flat.EVERYONE].full * (everyone_after - everyone_before) == covered


def test_flat_looks_at_neither_quality_nor_stratum() -> None:
    careless = flat.counted(two_groups(), Item({"district": {"north": 10}}, 4))
    careful = flat.counted(two_groups(), Item({"district": {"south": 4000}}, 4))
    assert careless == careful == {flat.EVERYONE: 4000}


def test_coverage_counts_only_strata_that_the_reference_knows() -> None:
    masses = {"district": {"north": 900, "mars": 800}, "mood": {"good": 1000}}
    assert coverage.counted(two_groups(), Item(masses, 2)) == {NORTH: 900}
