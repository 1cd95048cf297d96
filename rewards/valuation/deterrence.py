"""How often claims are checked, and how much pay waits, so that a false claim does not pay.

Who claims a stratum priced p_claimed for a record worth p_true, is checked with probability a, and
loses the pay and a fine when found, expects (1 - a) * p_claimed - a * fine. Honesty is at least as
good exactly when

    a >= (p_claimed - p_true) / (p_claimed + fine)

A call publishes the rate for its own worst case: its highest and its lowest price of a dimension.

Where a part ``h`` of the pay waits, and a finding takes back what waits and nothing else, one false
record among ``F`` honest ones loses ``h * (p_claimed + F * p_true)``. The same bound then holds for
the product of the two shares, with those ``F`` prices as the fine:

    a * h >= (p_claimed - p_true) / (p_claimed + F * p_true)

Pure and exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from rewards.valuation.policy import Prices

#: The hold-back as the algorithm register names it.
ID: Final = "reward-hold-back"
VERSION: Final = "1"
#: Honest records behind each false one where a call says nothing: docs/attacks.md's fine.
RECORDS: Final = 20


@dataclass(frozen=True, slots=True)
class Pledge:
    """What a call says: the share of contributions drawn to be checked, the share of pay that
    waits, and how many honest records stand behind each false one. Shares are in (0, 1].
    """

    audit_rate: Fraction
    hold_back: Fraction
    records: int = RECORDS

    def bound(self, ratio: Fraction) -> Fraction:
        """The least product of both shares where a claim pays ``ratio`` times the true price."""
        return audit_rate(ratio, Fraction(1), Fraction(self.records))

    def reaches(self, ratio: Fraction) -> bool:
        """Whether a false claim of ``ratio`` times the true price does not pay."""
        return self.audit_rate * self.hold_back >= self.bound(ratio)

    def enough(self, ratio: Fraction) -> Enough:
        """What would reach the bound if only one of the three changed."""
        rate, part = self.bound(ratio) / self.hold_back, self.bound(ratio) / self.audit_rate
        needed = (ratio - 1) / (self.audit_rate * self.hold_back) - ratio
        return Enough(
            rate if rate <= 1 else None, part if part <= 1 else None, max(0, -(-needed // 1))
        )


@dataclass(frozen=True, slots=True)
class Enough:
    """The least rate, part and number of records, each with the others as they are; None where
    even a whole does not reach the bound.
    """

    audit_rate: Fraction | None
    hold_back: Fraction | None
    records: int


def held_part(reward: int, hold_back: Fraction) -> int:
    """Sub-units of a reward that wait: its share, rounded down, in favour of its owner."""
    return int(reward * hold_back)


def audit_rate(claimed: Fraction, true: Fraction, fine: Fraction) -> Fraction:
    """The least share of claims to check, in [0, 1]. Prices and fine in one unit, not negative."""
    if min(claimed, true, fine) < 0:
        raise ValueError("prices and fines are not negative")
    if claimed <= true:
        return Fraction(0)
    return (claimed - true) / (claimed + fine)


def escrow_share(claimed: Fraction, true: Fraction, rate: Fraction, records: int) -> Fraction:
    """The least part of honest pay for ``records`` that has to wait as the fine, at most 1.

    With the pay of ``records`` records at the true price held back, finding one false claim costs
    the share that is returned; 1 also where even all of it does not deter at this ``rate``.
    """
    if not 0 < rate <= 1 or records < 1:
        raise ValueError("some claims are checked, and some records have been paid")
    needed = max(Fraction(0), (claimed - true) / rate - claimed)
    held = true * records
    return min(Fraction(1), needed / held) if held else Fraction(int(needed > 0))


def worst_case(prices: Prices) -> tuple[Fraction, Fraction]:
    """(claimed, true): the pair of prices of one dimension that tempts most; (0, 0) without any.

    That of the highest ratio, as bounds depend on it alone. Whoever lies in several dimensions at
    once gains no higher ratio: that of sums lies between those of their parts.
    """
    by_dimension: dict[str, list[Fraction]] = {}
    for stratum, price in prices.items():
        if price.full:  # a stratum without population cannot be claimed
            by_dimension.setdefault(stratum.dimension, []).append(price.paid)
    pairs = [(max(paid), min(paid)) for paid in by_dimension.values()]
    return max(
        (pair for pair in pairs if pair[1]),
        key=lambda pair: pair[0] / pair[1],
        default=(Fraction(0), Fraction(0)),
    )


def call_audit_rate(prices: Prices, fine_in_prices: Fraction) -> Fraction:
    """The audit rate that a call publishes; its fine is that many of the lowest price."""
    claimed, true = worst_case(prices)
    return audit_rate(claimed, true, fine_in_prices * true)
