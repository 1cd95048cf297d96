"""What a call promises to pay for, as numbers: the input of every pricing rule.

Pure. Mass is counted in thousandths of a record, amounts in sub-units of the asset.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final, NamedTuple

#: Thousandths of mass in one record of full quality.
FULL_RECORD: Final = 1000
#: Bounds of a published cost multiplier: what a record costs more to produce in a stratum.
COST_LEAST, COST_MOST = Fraction(1), Fraction(3)


class Stratum(NamedTuple):
    """One stratum of one dimension; its two names."""

    dimension: str
    key: str


#: Accepted mass per stratum, in thousandths; an absent stratum has none.
Stock = Mapping[Stratum, int]


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension of representativeness and the published counts it is compared with.

    ``costs`` are published cost multipliers of strata whose records cost more to produce, from 1
    to 3; a stratum that is not named costs 1.
    """

    name: str
    weight: Fraction
    counts: Mapping[str, int]
    costs: Mapping[str, Fraction] = field(default_factory=dict)

    def shares(self) -> dict[str, Fraction]:
        """Population share of every stratum; the shares sum to one."""
        total = sum(self.counts.values())
        return {key: Fraction(count, total) for key, count in self.counts.items()}

    def importance(self) -> dict[str, Fraction]:
        """Part of the dimension's budget behind every stratum: its share times its cost, over all.

        Sums to one, whatever the multipliers are, so that they move money between strata and
        never create any. Without multipliers it is the population share.
        """
        shares = self.shares()
        if not self.costs:
            return shares
        weighed = {key: share * self.costs.get(key, 1) for key, share in shares.items()}
        total = sum(weighed.values(), Fraction(0))
        return {key: weight / total for key, weight in weighed.items()}


@dataclass(frozen=True, slots=True)
class Policy:
    """The reward policy of a call: pool in sub-units, target in records.

    Weights of dimensions are relative: each dimension's part of the pool is its weight over the
    sum of weights. ``price_cap`` is the highest ratio of a stratum's price to the
    population-weighted mean price of its dimension; ``None`` caps nothing. ``fill_limit`` is the
    multiple of its target at which a stratum takes no more: mass beyond it adds no value.
    """

    pool: int
    target_records: int
    dimensions: tuple[Dimension, ...]
    price_cap: Fraction | None = None
    fill_limit: Fraction | None = None

    def __post_init__(self) -> None:
        names = [dimension.name for dimension in self.dimensions]
        if self.pool < 0 or self.target_records <= 0:
            raise ValueError("a policy needs a pool of at least 0 and a positive target")
        if len(set(names)) != len(names):
            raise ValueError("a dimension is named twice")
        if self.price_cap is not None and self.price_cap <= 0:
            raise ValueError("a price cap is positive")
        if self.fill_limit is not None and self.fill_limit <= 0:
            raise ValueError("intake closes at a positive fill")
        for dimension in self.dimensions:
            if dimension.weight <= 0:
                raise ValueError(f"dimension {dimension.name} has no positive weight")
            counts = dimension.counts.values()
            if min(counts, default=-1) < 0 or sum(counts) <= 0:
                raise ValueError(f"dimension {dimension.name} has no population")
            if not set(dimension.costs) <= set(dimension.counts):
                raise ValueError(f"dimension {dimension.name} prices a stratum it does not have")
            if any(not COST_LEAST <= cost <= COST_MOST for cost in dimension.costs.values()):
                raise ValueError("a cost multiplier is from 1 to 3")

    @property
    def target_mass(self) -> int:
        """Target in thousandths, T of the formula."""
        return self.target_records * FULL_RECORD


@dataclass(frozen=True, slots=True)
class Price:
    """What a thousandth of mass in a stratum earns, as a share of the pool.

    ``full`` is the price before the cap, ``paid`` the price after it, ``mean`` the
    population-weighted mean of the full prices of the dimension.
    """

    full: Fraction
    paid: Fraction
    mean: Fraction

    @property
    def multiplier(self) -> Fraction:
        """How many times the mean price is paid here; 0 where nothing has a price."""
        return self.paid / self.mean if self.mean else Fraction(0)


Prices = dict[Stratum, Price]
