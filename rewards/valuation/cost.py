"""A FRAND quote: what a recipient pays for access to data, line by line, on equal terms.

Amounts are integers of sub-units; a line is rounded down to what can be paid, whole units where the
asset is money, and lines sum to the total exactly.

    direct          cost of this request alone: making the data available, by request and by record
    infrastructure  the request's share of what keeps the service up
    margin          r * (direct + infrastructure + unrecovered investment * (1 - user share))

The investment enters the margin only as far as sales and contributors have not paid for it yet.
Small and medium enterprises and non-profit research pay direct costs only. Whether an enterprise
is small is judged with those it belongs to: linked ones (above a half) count in full, partners
(from a quarter) by their share. Nothing but these facts enters, so recipients with equal facts get
equal quotes.

Source: Regulation (EU) 2023/2854, Article 9; Recommendation 2003/361/EC for sizes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Final, NamedTuple

ID: Final = "quote"
VERSION: Final = "2"

LINKED_ABOVE: Final = Fraction(1, 2)
PARTNER_FROM: Final = Fraction(1, 4)


class Purpose(StrEnum):
    COMMERCIAL = "commercial"
    RESEARCH = "non-profit research"


class DirectCost(NamedTuple):
    """One direct cost in sub-units: for the request, and for each record delivered."""

    key: str
    fixed: int
    per_record: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class CostBasis:
    """What the city publishes as the basis of its quotes; amounts in sub-units.

    ``infrastructure`` is the cost of a period and ``infrastructure_share`` the part of it that one
    request uses; ``investment`` less ``recovered`` is not earned back yet, and ``user_share`` of it
    was carried by those who contributed the data. ``margin`` is r.
    """

    direct: tuple[DirectCost, ...]
    infrastructure: int = 0
    infrastructure_share: Fraction = Fraction(0)
    investment: int = 0
    recovered: int = 0
    user_share: Fraction = Fraction(0)
    margin: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        rates = (self.infrastructure_share, self.user_share, self.margin)
        costs: list[int | Fraction] = [self.infrastructure, self.investment, self.recovered]
        costs += [part for item in self.direct for part in (item.fixed, item.per_record)]
        if min(costs) < 0 or not all(0 <= rate <= 1 for rate in rates):
            raise ValueError("costs are not negative; shares and the margin are from 0 to 1")


@dataclass(frozen=True, slots=True)
class SizeLimits:
    """What a small or medium enterprise stays within: fewer people, and one of the two amounts."""

    people_below: int = 250
    turnover_most: int = 50_000_000
    balance_most: int = 43_000_000


@dataclass(frozen=True, slots=True)
class EuroRate:
    """``won`` won are ``euro`` euro, as published for a day by a source that is named."""

    won: int
    euro: int
    as_of: date
    source: str

    def euros(self, won: int) -> Fraction:
        """What won are in euro, exactly."""
        return Fraction(won * self.euro, self.won)

    def won_of(self, euro: int) -> int:
        """What a limit in euro is in won, the last whole won that is within it."""
        return euro * self.won // self.euro


@dataclass(frozen=True, slots=True)
class Enterprise:
    """Size of one enterprise, and the share by which it belongs together with the recipient.

    Turnover of a year and balance sheet total in euro, exact where they were told in won.
    """

    people: int
    turnover: int | Fraction
    balance: int | Fraction
    share: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who asks, for what, together with whom; all that a quote knows about it."""

    purpose: Purpose
    own: Enterprise
    others: tuple[Enterprise, ...] = ()


class QuoteLine(NamedTuple):
    """One line of a quote, in sub-units."""

    key: str
    amount: int


@dataclass(frozen=True, slots=True)
class Quote:
    """``reduced`` says that only direct costs are charged; lines sum to ``total``."""

    lines: tuple[QuoteLine, ...]
    reduced: bool

    @property
    def total(self) -> int:
        return sum(line.amount for line in self.lines)


def is_small(own: Enterprise, others: Sequence[Enterprise], limits: SizeLimits) -> bool:
    """Whether an enterprise with those it belongs to is a small or medium one."""
    counted = [(own, Fraction(1)), *((other, _counted(other.share)) for other in others)]
    people = sum((item.people * part for item, part in counted), Fraction(0))
    turnover = sum((item.turnover * part for item, part in counted), Fraction(0))
    balance = sum((item.balance * part for item, part in counted), Fraction(0))
    within = turnover <= limits.turnover_most or balance <= limits.balance_most
    return people < limits.people_below and within


def _counted(share: Fraction) -> Fraction:
    if share > LINKED_ABOVE:
        return Fraction(1)
    return share if share >= PARTNER_FROM else Fraction(0)


def quote(
    basis: CostBasis,
    recipient: Recipient,
    *,
    records: int,
    limits: SizeLimits | None = None,
    step: int = 1,
) -> Quote:
    """The quote for a delivery of ``records`` records; lines are multiples of ``step`` sub-units.

    Raises ValueError for a negative number.
    """
    if records < 0:
        raise ValueError("a number of records is not negative")
    direct = tuple(
        QuoteLine(f"direct.{item.key}", _floored(item.fixed + item.per_record * records, step))
        for item in basis.direct
    )
    small = is_small(recipient.own, recipient.others, limits or SizeLimits())
    if recipient.purpose is Purpose.RESEARCH or small:
        return Quote(direct, True)
    infrastructure = _floored(basis.infrastructure * basis.infrastructure_share, step)
    unrecovered = max(0, basis.investment - basis.recovered) * (1 - basis.user_share)
    charged = sum(line.amount for line in direct) + infrastructure
    margin = _floored(basis.margin * (charged + unrecovered), step)
    return Quote(
        (*direct, QuoteLine("infrastructure", infrastructure), QuoteLine("margin", margin)), False
    )


def _floored(amount: Fraction, step: int) -> int:
    return int(amount // step) * step
