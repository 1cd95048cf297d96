"""Compensation: every accepted record is paid what it costs to provide, and a published margin.

For calls to firms and institutions that provide data on request: the call publishes the lines of
the cost of one record and the margin on them, and pays

    records * sum(lines) * (1 + margin)

whoever sends them and whatever the city already has. Linear in records: nothing is gained by
splitting or merging deliveries. What a delivery costs beyond its records is no part of it, because
a fixed amount for each delivery would be gained again by every split.

Source: Regulation (EU) 2023/2854, Article 9, for what counts as cost; Articles 15 and 20 for data
asked for by public bodies.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from rewards.valuation import flat
from rewards.valuation.flat import EVERYONE
from rewards.valuation.policy import (
    FULL_RECORD,
    Policy,
    Price,
    Prices,
    Stock,
    mean_of_dimensions,
)

ID: Final = "cost"
VERSION: Final = "1"

mean_price = mean_of_dimensions
counted = flat.counted


def span(policy: Policy, before: Stock, after: Stock) -> tuple[Fraction, Fraction]:
    """Share of the pool that records have earned before and after the epoch, at most all of it."""
    rate = _rate(policy)
    part = tuple(min(Fraction(1), rate * stock.get(EVERYONE, 0)) for stock in (before, after))
    return part[0], part[1]


def prices(policy: Policy, before: Stock, after: Stock) -> Prices:
    """The same price for every record of every epoch, as a share of the pool for a thousandth."""
    del before, after
    rate = _rate(policy)
    return {EVERYONE: Price(full=rate, paid=rate, mean=rate)}


def _rate(policy: Policy) -> Fraction:
    if policy.per_record is None or not policy.pool:
        raise ValueError("a call that pays costs says what a record costs, and has a pool")
    return policy.per_record / (policy.pool * FULL_RECORD)
