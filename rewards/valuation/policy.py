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
#: Pairs of orders that are drawn at most.
PAIRS_MOST: Final = 2_000


class Stratum(NamedTuple):
    """One stratum of one dimension; its two names."""

    dimension: str
    key: str


#: Accepted mass per stratum, in thousandths; an absent stratum has none.
Stock = Mapping[Stratum, int]


class Item(NamedTuple):
    """What a rule is told of one contribution.

    ``masses`` are thousandths by dimension and stratum, ``records`` the accepted ones, ``worth``
    what its records add to the answers of a model (billionths of a thousandth of the whole), and
    ``institution`` the pseudonym of who brought it, where institutions share by their orders.
    """

    masses: Mapping[str, Mapping[str, int]]
    records: int
    worth: int = 0
    institution: str = ""


@dataclass(frozen=True, slots=True)
class Reached:
    """Value reached before and after an epoch by rules that measure more than mass.

    ``shares`` are parts of the pool by institution; ``half_width`` is how wrong the widest of them
    may be (95 %), and ``pairs`` how many pairs of orders were drawn; 0 where they are exact.
    """

    before: Fraction
    after: Fraction
    shares: Mapping[str, Fraction] = field(default_factory=dict)
    half_width: Fraction = Fraction(0)
    pairs: int = 0


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
    multiple of its target at which a stratum takes no more: mass beyond it adds no value. With
    ``cap_over_open`` that mean is taken over the strata that still took mass when the epoch began.
    ``per_record`` is what a record is compensated with, in sub-units, where the call pays costs.
    ``epsilon`` and ``pairs`` end the drawing of orders; ``reached`` is what was measured.
    """

    pool: int
    target_records: int
    dimensions: tuple[Dimension, ...]
    price_cap: Fraction | None = None
    fill_limit: Fraction | None = None
    cap_over_open: bool = False
    per_record: Fraction | None = None
    epsilon: Fraction = Fraction(1, 1000)
    pairs: int = 200
    reached: Reached | None = None

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
        if self.per_record is not None and self.per_record <= 0:
            raise ValueError("a record is compensated with more than nothing")
        if self.epsilon <= 0 or not 0 < self.pairs <= PAIRS_MOST:
            raise ValueError(f"orders are drawn to a positive error, in 1 to {PAIRS_MOST} pairs")
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


def mean_of_dimensions(prices: Prices, added: Stock, records: int) -> Fraction:
    """The mean price of a thousandth of a record over all dimensions, as a share of the pool."""
    del added, records
    means = {stratum.dimension: price.mean for stratum, price in prices.items()}
    return sum(means.values(), Fraction(0))
