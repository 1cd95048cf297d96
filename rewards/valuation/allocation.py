"""Allocation: from prices and masses to whole sub-units, line by line.

Pure and exact. A line is floored to a sub-unit, so a share never exceeds what it is a share of;
what flooring leaves stays in the pool. Floors are superadditive: splitting one line into many
never gains, merging many into one gains less than a sub-unit for each line merged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from rewards.valuation.policy import Prices, Stock, Stratum


class Line(NamedTuple):
    """What one contribution earns in one stratum; numerator/denominator is sub-units a mass."""

    stratum: Stratum
    mass: int
    numerator: int
    denominator: int
    amount: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """Rewards of an epoch: lines by contribution, and what they sum to, in sub-units.

    ``scale`` is 1 unless the pool held less than the prices promised; then every line was
    reduced by it alike.
    """

    lines: Mapping[str, tuple[Line, ...]]
    total: int
    scale: Fraction

    def reward(self, contribution: str) -> int:
        """Sub-units earned by one contribution: the sum of its lines."""
        return sum(line.amount for line in self.lines.get(contribution, ()))


#: Exact sub-units per thousandth of mass, as (numerator, denominator), by stratum.
Rates = Mapping[Stratum, tuple[int, int]]


def rates(*, pool: int, available: int, prices: Prices, added: Stock) -> tuple[Rates, Fraction]:
    """What a thousandth of mass earns in sub-units, and the scale that was applied to it.

    The scale is 1 unless the prices of all mass ``added`` promise more than the ``available``
    sub-units that the pool still holds; then it is their ratio.
    """
    promised = pool * sum(
        (prices[stratum].paid * mass for stratum, mass in added.items() if stratum in prices),
        Fraction(0),
    )
    scale = min(Fraction(1), max(available, 0) / promised) if promised else Fraction(1)
    per_mass = {stratum: pool * price.paid * scale for stratum, price in prices.items()}
    return {s: (rate.numerator, rate.denominator) for s, rate in per_mass.items()}, scale


def lines_of(stock: Stock, rates: Rates) -> tuple[Line, ...]:
    """One line for each stratum of ``stock`` that has a rate, in the order of their names."""
    found = []
    for stratum in sorted(stock):
        rate = rates.get(stratum)
        if rate is not None:
            mass, (numerator, denominator) = stock[stratum], rate
            found.append(
                Line(stratum, mass, numerator, denominator, mass * numerator // denominator)
            )
    return tuple(found)


def allocate(
    *, pool: int, available: int, prices: Prices, masses: Mapping[str, Stock]
) -> Allocation:
    """Share an epoch's part of ``pool`` (sub-units) over contributions, exactly.

    ``available`` is what the pool's account still holds: no allocation exceeds it. Masses of a
    stratum without a price earn nothing. Contributions are identified by any string. Raises
    ValueError for negative mass.
    """
    added = _added(masses.values())
    per_mass, scale = rates(pool=pool, available=available, prices=prices, added=added)
    lines = {name: lines_of(stock, per_mass) for name, stock in masses.items()}
    total = sum(line.amount for own in lines.values() for line in own)
    return Allocation(lines=lines, total=total, scale=scale)


def _added(stocks: Iterable[Stock]) -> dict[Stratum, int]:
    added: dict[Stratum, int] = {}
    for stock in stocks:
        for stratum, mass in stock.items():
            if mass < 0:
                raise ValueError(f"negative mass in {stratum.dimension}/{stratum.key}")
            added[stratum] = added.get(stratum, 0) + mass
    return added


def plus(*stocks: Stock) -> dict[Stratum, int]:
    """Sum of stocks, stratum by stratum."""
    return _added(stocks)
