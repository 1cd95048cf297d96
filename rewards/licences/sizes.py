"""How large a licensee is: told in euro or in won, compared with the limits of small firms in euro.

The limits are those of Recommendation 2003/361/EC. Won are compared at the rate that the terms of
licences publish, dated and with its source, exactly: nothing is rounded on the way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from fractions import Fraction
from typing import Any, NamedTuple, TypedDict

from django.utils.translation import gettext as _

from dure.core.problems import INVALID, FieldError
from rewards.treasury.selectors import licensing_rule
from rewards.valuation.cost import Enterprise, EuroRate, Purpose, Recipient, SizeLimits


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


def recipient_of(
    purpose: Purpose, own: Told, others: Sequence[Told], currency: Currency
) -> Recipient:
    """Who asks, with amounts in euro; INVALID (400) for won where no rate is published."""
    rate = rate_in_force() if currency is Currency.WON else None
    if currency is Currency.WON and rate is None:
        message = _("The terms of licences publish no rate for won. Give the amounts in euro.")
        raise INVALID.problem(errors=[FieldError("currency", message, "no-rate")])

    def enterprise(told: Told) -> Enterprise:
        turnover, balance = (
            (told.turnover, told.balance)
            if rate is None
            else (rate.euros(told.turnover), rate.euros(told.balance))
        )
        return Enterprise(told.people, turnover, balance, told.share)

    return Recipient(purpose, enterprise(own), tuple(enterprise(other) for other in others))


def told(sent: Mapping[str, Any]) -> Told:  # Any: validated
    """A firm out of checked fields; ``share`` is a part of one."""
    share = Fraction(sent.get("share", 1))
    return Told(sent["people"], sent["turnover"], sent["balance"], share)
