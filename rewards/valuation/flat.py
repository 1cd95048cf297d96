"""Flat pricing: every accepted record earns the same, whoever it speaks for.

The baseline that the coverage rule is compared with. Of a pool B, the records between a stock of
N_before and N_after (target N_target) share

    B * (N_after / (N_target + N_after) - N_before / (N_target + N_before))

equally, so that the budget holds over epochs exactly as under coverage, and quality and stratum
have no influence. It is the coverage rule with one stratum that holds everybody and a mass of one
record for each accepted record; on data that mirrors its population both rules pay alike.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Final

from rewards.valuation import coverage
from rewards.valuation.policy import (
    FULL_RECORD,
    Dimension,
    Item,
    Policy,
    Prices,
    Stock,
    Stratum,
    mean_of_dimensions,
)

ID: Final = "flat"
VERSION: Final = "1"

mean_price = mean_of_dimensions

#: The one stratum of this rule.
EVERYONE: Final = Stratum("all", "all")


def value(policy: Policy, stock: Stock) -> Fraction:
    """Share of the pool earned by a stock of accepted records (thousandths, under EVERYONE)."""
    return coverage.value(_one_stratum(policy), stock)


def prices(policy: Policy, before: Stock, after: Stock) -> Prices:
    """Price per thousandth of an accepted record, as a share of the pool."""
    return coverage.prices(_one_stratum(policy), before, after)


def span(policy: Policy, before: Stock, after: Stock) -> tuple[Fraction, Fraction]:
    """Value reached before and after an epoch."""
    return value(policy, before), value(policy, after)


def counted(policy: Policy, item: Item) -> Stock:
    """The mass of a contribution that this rule prices: its accepted records."""
    del policy
    return {EVERYONE: item.records * FULL_RECORD} if item.records else {}


def _one_stratum(policy: Policy) -> Policy:
    everyone = Dimension(EVERYONE.dimension, Fraction(1), {EVERYONE.key: 1})
    return replace(policy, dimensions=(everyone,), price_cap=None, fill_limit=None)
