"""Sharing an epoch between institutions by what each of them adds, over the orders of joining.

The game: its players are the institutions of an epoch (at most 30), its utility the coverage value
(`rewards.valuation.coverage`) of what they hold together with the stock of earlier epochs. Their
Shapley values sum to what the epoch adds to the value reached, so that over epochs a pool is paid
exactly as far as it is covered. Within an institution its contributions share by mass.

Utilities are integers of 1e-15 of the pool, each stratum rounded down, so that every replay draws
the same orders and finds the same integers. Up to 14 institutions all coalitions are asked; beyond,
orders are drawn by a seed that follows from the inputs, until the widest 95 % interval is within
``epsilon`` of the pool.

Source: Shapley (1953); Castro et al. (2009) for sampling orders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Final

from rewards.valuation import coverage
from rewards.valuation.permutation import estimate
from rewards.valuation.policy import (
    Item,
    Policy,
    Price,
    Prices,
    Reached,
    Stock,
    Stratum,
    mean_of_dimensions,
)

ID: Final = "permutation"
VERSION: Final = "2"

#: Parts of the pool in which utilities are counted.
UTILITY_UNITS: Final = 10**15
#: The dimension under which institutions stand, by pseudonym.
INSTITUTION: Final = "institution"

mean_price = mean_of_dimensions


def play(policy: Policy, before: Stock, items: Iterable[Item], *, seed: str) -> Reached:
    """Share what ``items`` add to the stock ``before`` between their institutions.

    Shares are parts of the pool. Raises ValueError for more than 30 institutions, and for an item
    without one.
    """
    held: dict[str, dict[Stratum, int]] = {}
    for item in items:
        if not item.institution:
            raise ValueError("an institution brought every contribution")
        own = held.setdefault(item.institution, {})
        for stratum, mass in coverage.counted(policy, item).items():
            own[stratum] = own.get(stratum, 0) + mass
    if not held:
        return Reached(Fraction(0), Fraction(0))
    utility = utility_of(policy, before, held)
    found = estimate(
        sorted(held), utility, seed=seed, epsilon=policy.epsilon * UTILITY_UNITS,
        pairs_most=policy.pairs,
    )  # fmt: skip
    return Reached(
        before=Fraction(utility(frozenset()), UTILITY_UNITS),
        after=Fraction(utility(frozenset(held)), UTILITY_UNITS),
        shares={name: value / UTILITY_UNITS for name, value in found.values.items()},
        half_width=max(found.half_widths.values()) / UTILITY_UNITS,
        pairs=found.pairs,
    )


def utility_of(
    policy: Policy, before: Stock, held: Mapping[str, Stock]
) -> Callable[[frozenset[str]], int]:
    """The value that a coalition reaches on top of the stock, in units of 1e-15, rounded down."""
    total = sum((dimension.weight for dimension in policy.dimensions), Fraction(0))
    terms = []
    for dimension in policy.dimensions:
        importance, shares = dimension.importance(), dimension.shares()
        for key, share in shares.items():
            if not share:
                continue
            stratum = Stratum(dimension.name, key)
            half = policy.target_mass * share
            weight = dimension.weight / total * importance[key] * UTILITY_UNITS
            limit = None if policy.fill_limit is None else policy.fill_limit * half
            full = 0 if limit is None else _floor(weight * limit / (half + limit))
            brought = {name: own[stratum] for name, own in held.items() if own.get(stratum)}
            terms.append((weight, half, limit, full, before.get(stratum, 0), brought))

    def utility(coalition: frozenset[str]) -> int:
        value = 0
        for weight, half, limit, full, had, brought in terms:
            mass = had + sum(own for name, own in brought.items() if name in coalition)
            if not mass:
                continue
            if limit is not None and mass >= limit:
                value += full
                continue
            # weight * mass / (half + mass) in integers: fractions would be reduced each time.
            top = weight.numerator * mass * half.denominator
            value += top // (weight.denominator * (half.numerator + mass * half.denominator))
        return value

    return utility


def span(policy: Policy, before: Stock, after: Stock) -> tuple[Fraction, Fraction]:
    """Value reached before and after the epoch."""
    del before, after
    reached = policy.reached
    return (Fraction(0), Fraction(0)) if reached is None else (reached.before, reached.after)


def prices(policy: Policy, before: Stock, after: Stock) -> Prices:
    """What a thousandth of mass of each institution earns, as a share of the pool."""
    shares = {} if policy.reached is None else policy.reached.shares
    masses = {s.key: mass - before.get(s, 0) for s, mass in after.items() if s.key in shares}
    whole = sum(masses.values())
    mean = sum((shares[name] for name in masses), Fraction(0)) / whole if whole else Fraction(0)
    found: Prices = {}
    for name, mass in masses.items():
        rate = shares[name] / mass if mass else Fraction(0)
        found[Stratum(INSTITUTION, name)] = Price(full=rate, paid=rate, mean=mean)
    return found


def counted(policy: Policy, item: Item) -> Stock:
    """The mass of a contribution by which it shares in what its institution earns.

    That of the dimension in which most of it is known, as no record counts twice.
    """
    known: dict[str, int] = {}
    for stratum, mass in coverage.counted(policy, item).items():
        known[stratum.dimension] = known.get(stratum.dimension, 0) + mass
    mass = max(known.values(), default=0)
    return {Stratum(INSTITUTION, item.institution): mass} if mass else {}


def _floor(value: Fraction) -> int:
    return value.numerator // value.denominator
