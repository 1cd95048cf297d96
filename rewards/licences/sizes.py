"""How large a licensee is: told in euro or in won, compared with the limits of small firms in euro.

The limits are those of Recommendation 2003/361/EC. Won are compared at the rate that the terms of
licences publish, dated and with its source, exactly: nothing is rounded on the way.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final, NamedTuple, TypedDict

from django.utils.translation import gettext as _

from dure.core.problems import INVALID, FieldError
from rewards.treasury.selectors import licensing_rule
from rewards.valuation.cost import Enterprise, EuroRate, Purpose, Recipient, SizeLimits
from rewards.valuation.decimals import decimal_round

#: Won, euro and people beyond every enterprise there is.
SIZE_MAX: Final = 9 * 10**15
OTHERS_MAX: Final = 20
#: Of a share, as a part of one.
SHARE_PLACES: Final = 6


class Currency(StrEnum):
    EURO = "EUR"
    WON = "KRW"


class RateDocument(TypedDict):
    """``won`` won are ``euro`` euro."""

    won: int
    euro: int
    as_of: str
    source: str


class LimitsDocument(TypedDict):
    """What a small firm stays within: fewer people, and one of the two amounts.

    Amounts by currency; won is null, and so is the rate, where the terms publish none.
    """

    people_below: int
    turnover_most: dict[str, int | None]
    balance_most: dict[str, int | None]
    rate: RateDocument | None


class Told(NamedTuple):
    """A firm as it was told: amounts in one currency."""

    people: int
    turnover: int
    balance: int
    share: Fraction = Fraction(1)


class ToldDocument(TypedDict):
    """A firm as it was told; ``share`` is a decimal string, a part of one."""

    people: int
    turnover: int
    balance: int
    share: str


class AskerDocument(TypedDict):
    """Who asked for a quote, as they told it: with the terms and the rate, what it follows from."""

    purpose: str
    currency: str
    people: int
    turnover: int
    balance: int
    others: list[ToldDocument]


class Asker(NamedTuple):
    """Who asks, for what, together with whom; amounts in the currency that they were told in."""

    purpose: Purpose
    own: Told
    others: tuple[Told, ...] = ()
    currency: Currency = Currency.EURO

    def recipient(self, rate: EuroRate | None) -> Recipient:
        """The same with amounts in euro; INVALID (400) for won where no rate is published."""
        if self.currency is Currency.EURO:
            rate = None
        elif rate is None:
            message = _("The terms of licences publish no rate for won. Give the amounts in euro.")
            raise INVALID.problem(errors=[FieldError("currency", message, "no-rate")])
        others = tuple(_enterprise(other, rate) for other in self.others)
        return Recipient(self.purpose, _enterprise(self.own, rate), others)

    def document(self) -> AskerDocument:
        return {
            "purpose": self.purpose.value,
            "currency": self.currency.value,
            "people": self.own.people,
            "turnover": self.own.turnover,
            "balance": self.own.balance,
            "others": [
                {
                    "people": other.people,
                    "turnover": other.turnover,
                    "balance": other.balance,
                    "share": decimal_round(other.share, SHARE_PLACES),
                }
                for other in self.others
            ],
        }


def asker_of(document: AskerDocument) -> Asker:
    """Who asked, out of a quote that was kept."""
    return Asker(
        Purpose(document["purpose"]),
        told(document),
        tuple(told(other) for other in document["others"]),
        Currency(document["currency"]),
    )


def _enterprise(told: Told, rate: EuroRate | None) -> Enterprise:
    """A firm with its amounts in euro; ``rate`` where they were told in won."""
    if rate is None:
        return Enterprise(told.people, told.turnover, told.balance, told.share)
    turnover, balance = rate.euros(told.turnover), rate.euros(told.balance)
    return Enterprise(told.people, turnover, balance, told.share)


def rate_in_force() -> EuroRate | None:
    """The rate of the terms in force; none where they publish none."""
    _version, rule = licensing_rule()
    return rule.rate


def limits_document(rate: EuroRate | None) -> LimitsDocument:
    """The limits in both currencies."""
    limits = SizeLimits()

    def both(euro: int) -> dict[str, int | None]:
        return {Currency.EURO.value: euro, Currency.WON.value: rate.won_of(euro) if rate else None}

    return {
        "people_below": limits.people_below,
        "turnover_most": both(limits.turnover_most),
        "balance_most": both(limits.balance_most),
        "rate": None
        if rate is None
        else {
            "won": rate.won,
            "euro": rate.euro,
            "as_of": rate.as_of.isoformat(),
            "source": rate.source,
        },
    }


def told(sent: Mapping[str, Any]) -> Told:  # Any: validated
    """A firm out of checked fields; ``share`` is a part of one."""
    share = Fraction(sent.get("share", 1))
    return Told(sent["people"], sent["turnover"], sent["balance"], share)
