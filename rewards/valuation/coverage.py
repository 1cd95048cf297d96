"""Coverage pricing: Aumann-Shapley prices of the value that accepted mass reaches.

With population shares pi, target mass T, tau = T*pi and accepted mass Q in each stratum, and
weights lambda of the dimensions (summing to one), the value reached is

    v = sum_d lambda_d * sum_s pi_s * Q_s / (tau_s + Q_s)

An epoch that takes a stratum from Q_before to Q_after pays its mass the increment of v:

    price = lambda_d * pi_s * tau_s / ((tau_s + Q_before) * (tau_s + Q_after))

which is lambda * pi / (tau + Q) in a first epoch and sums, over epochs, to v itself. Prices are
linear in mass, so nothing is gained by splitting, merging or ordering contributions. Exact
rational arithmetic throughout: a replay gives the same integers on every machine.

A call may publish two more numbers. *Cost multipliers* c in [1, 3] put more of the budget behind
strata whose records cost more to produce: the first pi of a price becomes pi*c / sum(pi*c), while
tau stays T*pi. A *fill limit* x closes a stratum at Q = x*tau: only mass up to it adds value, the
epoch that crosses it shares the rest of its value over all the mass it took, and later mass earns
nothing, because average pay over marginal value grows as 1 + Q/tau. A price cap of such a call
compares with the mean over the strata that still took mass when the epoch began: a closed one has
the price 0, and would pull the cap of those that are wanted most down with it.

Source: Billera and Heath (1982), Mirman and Tauman (1982) for the axioms of the price.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from rewards.valuation.policy import (
    Dimension,
    Item,
    Policy,
    Price,
    Prices,
    Stock,
    Stratum,
    mean_of_dimensions,
)

ID: Final = "coverage"
VERSION: Final = "1"

mean_price = mean_of_dimensions


def value(policy: Policy, stock: Stock) -> Fraction:
    """Value reached by ``stock``, in [0, 1): the share of the pool it has earned."""
    total = Fraction(0)
    for dimension, weight in _weighted(policy):
        importance = dimension.importance()
        for key, share in dimension.shares().items():
            half = policy.target_mass * share
            have = _within(policy, half, stock.get(Stratum(dimension.name, key), 0))
            if half:
                total += weight * importance[key] * have / (half + have)
    return total


def span(policy: Policy, before: Stock, after: Stock) -> tuple[Fraction, Fraction]:
    """Value reached before and after an epoch."""
    return value(policy, before), value(policy, after)


def prices(policy: Policy, before: Stock, after: Stock) -> Prices:
    """Price per thousandth of mass, as a share of the pool, of an epoch between two stocks.

    Between the stock a running epoch opened with and the stock of now these are the live quotes:
    what the next, infinitesimal unit of mass would be paid if the epoch closed with it.
    The cap compares with the mean of the uncapped prices, in one pass; what it takes away is
    paid to nobody and stays in the pool. Raises ValueError if a stock shrinks or is negative.
    """
    found: Prices = {}
    for dimension, weight in _weighted(policy):
        shares, importance = dimension.shares(), dimension.importance()
        full = {
            key: weight
            * importance[key]
            * _price(policy, Stratum(dimension.name, key), share, before, after)
            for key, share in shares.items()
        }
        mean = _mean(policy, dimension.name, shares, full, before)
        ceiling = None if policy.price_cap is None else policy.price_cap * mean
        for key, price in full.items():
            paid = price if ceiling is None else min(price, ceiling)
            found[Stratum(dimension.name, key)] = Price(full=price, paid=paid, mean=mean)
    return found


def _mean(
    policy: Policy,
    name: str,
    shares: dict[str, Fraction],
    full: dict[str, Fraction],
    before: Stock,
) -> Fraction:
    """Population-weighted mean of a dimension's uncapped prices, which its cap compares with."""
    counted = [
        key
        for key, share in shares.items()
        if not policy.cap_over_open
        or not _is_full(policy, policy.target_mass * share, before.get(Stratum(name, key), 0))
    ]
    people = sum((shares[key] for key in counted), Fraction(0))
    total = sum((shares[key] * full[key] for key in counted), Fraction(0))
    return total / people if people else Fraction(0)


def _price(
    policy: Policy, stratum: Stratum, share: Fraction, before: Stock, after: Stock
) -> Fraction:
    """One stratum's uncapped price, before the weights of stratum and dimension."""
    half = policy.target_mass * share
    had, has = before.get(stratum, 0), after.get(stratum, 0)
    if not 0 <= had <= has:
        raise ValueError(f"the stock of {stratum.dimension}/{stratum.key} goes from {had} to {has}")
    if not half:  # a stratum without population has nothing to represent
        return Fraction(0)
    start, end = _within(policy, half, had), _within(policy, half, has)
    price = half / ((half + start) * (half + end))
    if end == has and not _is_full(policy, half, had):
        return price
    return price * (end - start) / (has - had) if has > had else Fraction(0)


def _within(policy: Policy, half: Fraction, mass: int) -> Fraction:
    """The part of a stratum's mass that adds value."""
    exact = Fraction(mass)
    return exact if policy.fill_limit is None else min(exact, policy.fill_limit * half)


def _is_full(policy: Policy, half: Fraction, mass: int) -> bool:
    return policy.fill_limit is not None and mass >= policy.fill_limit * half


def _weighted(policy: Policy) -> list[tuple[Dimension, Fraction]]:
    total = sum((dimension.weight for dimension in policy.dimensions), Fraction(0))
    return [(dimension, dimension.weight / total) for dimension in policy.dimensions]


def counted(policy: Policy, item: Item) -> Stock:
    """The mass of a contribution that this rule prices: that of its strata, as measured."""
    known = {dimension.name: dimension.counts for dimension in policy.dimensions}
    return {
        Stratum(name, key): mass
        for name, strata in item.masses.items()
        for key, mass in strata.items()
        if mass and key in known.get(name, {})
    }
