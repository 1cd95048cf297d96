"""Pricing by what records add to a model: the value reached, shared by measured worth.

Checking measures the worth of each record as its KNN-Shapley value for the call's trusted
questions (`rewards.valuation.knn`); who harms is worth nothing, record by record, so that nothing
is gained by spreading records over accounts. With v the mean share of right answers among the K
nearest records of all that is usable, an epoch shares the increment of the pool

    B * max(0, v_after - v_before)

over the contributions it settles, by worth. ``v_before`` is what earlier records reach on the same
questions, at least what an earlier epoch was paid for. Worth is an integer of 1e-12, so that a
replay from the manifest gives the same integers everywhere.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from rewards.valuation.policy import FULL_RECORD, Item, Policy, Price, Prices, Stock, Stratum

ID: Final = "knn"
VERSION: Final = "1"

#: Parts of the whole utility in which worth is counted.
WORTH_UNITS: Final = 10**12
#: The one stratum of this rule.
QUESTIONS: Final = Stratum("training", "questions")


def span(policy: Policy, before: Stock, after: Stock) -> tuple[Fraction, Fraction]:
    """Value reached before and after the epoch, as it was measured."""
    del before, after
    reached = policy.reached
    return (Fraction(0), Fraction(0)) if reached is None else (reached.before, reached.after)


def prices(policy: Policy, before: Stock, after: Stock) -> Prices:
    """What a unit of worth earns, as a share of the pool."""
    start, end = span(policy, before, after)
    added = after.get(QUESTIONS, 0) - before.get(QUESTIONS, 0)
    rate = max(Fraction(0), end - start) / added if added else Fraction(0)
    return {QUESTIONS: Price(full=rate, paid=rate, mean=rate)}


def counted(policy: Policy, item: Item) -> Stock:
    """The worth of a contribution."""
    del policy
    return {QUESTIONS: item.worth} if item.worth else {}


def mean_price(prices: Prices, added: Stock, records: int) -> Fraction:
    """Price of a thousandth of a record at the mean: all that the epoch pays over its records."""
    if not records:
        return Fraction(0)
    return prices[QUESTIONS].paid * added.get(QUESTIONS, 0) / (records * FULL_RECORD)
