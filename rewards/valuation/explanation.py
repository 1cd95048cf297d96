"""Why a reward is what it is: factors whose product is the reward, and its lines.

Pure. Of the exact calculation nothing is shown that a reader cannot multiply again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from rewards.valuation import coverage, flat, institutions
from rewards.valuation.allocation import Line, Rates, lines_of, rates
from rewards.valuation.decimals import decimal_ceil, decimal_floor, decimal_significant
from rewards.valuation.methods import Method
from rewards.valuation.policy import FULL_RECORD, Item, Policy, Prices, Stock

SUB_UNITS: Final = 1_000_000
#: Significant digits of a factor; the last one has more, because it carries the rounding.
DIGITS: Final = 9
DIGITS_LAST: Final = 18
#: Rules that pay by quality mass; the others count records or what a model learns from them.
WEIGH_MASS: Final = (coverage.ID, institutions.ID)


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms an epoch pays: between which stocks, under which policy, at what rates."""

    method: Method
    policy: Policy
    before: Stock
    after: Stock
    prices: Prices
    rates: Rates
    scale: Fraction
    records_before: int
    records_after: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What checking measured in a contribution; masses and ``mass`` in thousandths."""

    accepted: int
    duplicate: int
    mass: int
    masses: Mapping[str, Mapping[str, int]]


def terms(
    *,
    method: Method,
    policy: Policy,
    before: Stock,
    added: Stock,
    available: int,
    records_before: int,
    records_added: int,
) -> Terms:
    """Prices and rates of an epoch that adds ``added`` to ``before``."""
    after = {key: before.get(key, 0) + added.get(key, 0) for key in {*before, *added}}
    prices = method.prices(policy, before, after)
    per_mass, scale = rates(pool=policy.pool, available=available, prices=prices, added=added)
    return Terms(
        method=method,
        policy=policy,
        before=before,
        after=after,
        prices=prices,
        rates=per_mass,
        scale=scale,
        records_before=records_before,
        records_after=records_before + records_added,
    )


def added_stock(terms: Terms) -> Stock:
    """What the epoch added to each stratum."""
    added = {key: mass - terms.before.get(key, 0) for key, mass in terms.after.items()}
    return {key: mass for key, mass in added.items() if mass}


def lines(terms: Terms, measured: Measured) -> tuple[Line, ...]:
    """The lines that a contribution earns on these terms."""
    item = Item(measured.masses, measured.accepted)
    stock = terms.method.counted(terms.policy, item)
    return lines_of(stock, terms.rates)


def factors(terms: Terms, measured: Measured, own: tuple[Line, ...]) -> dict[str, str]:
    """Mean factors of a reward as decimal strings; their product is the reward in whole units.

    records          records that were checked and found good, repeated ones included
    base             price of one full record at the mean of the population, in the asset
    quality          mean quality of the accepted records; 1 under rules that do not weigh it
    representativeness   mean ratio of the price of their strata to the mean price
    novelty          the part of the records that was not contributed before
    cap              what the price cap and an exhausted pool leave

    The first five are rounded to nine significant digits; the cap, the last, is computed from
    what they leave, so that it carries their rounding and the flooring of the lines. A reward of
    nothing has a factor of zero.
    """
    reward = sum(line.amount for line in own)
    records = measured.accepted + measured.duplicate
    base = terms.policy.pool * _mean_price(terms) * FULL_RECORD
    uncapped = sum(
        (terms.policy.pool * terms.prices[line.stratum].full * line.mass for line in own),
        Fraction(0),
    )
    # Where a rule does not weigh quality, quality is no factor of what it pays.
    counted = measured.mass if terms.method.ID in WEIGH_MASS else measured.accepted * FULL_RECORD
    mass = Fraction(counted, FULL_RECORD)
    exact = {
        "records": Fraction(records),
        "base": base / SUB_UNITS,
        "quality": _ratio(mass, Fraction(measured.accepted)),
        "representativeness": _ratio(uncapped, mass * base),
        "novelty": _ratio(Fraction(measured.accepted), Fraction(records)),
    }
    shown = {name: decimal_significant(value, DIGITS) for name, value in exact.items()}
    product = Fraction(1)
    for text in shown.values():
        product *= Fraction(text)
    cap = _ratio(Fraction(reward, SUB_UNITS), product)
    return {**shown, "cap": decimal_significant(cap, DIGITS_LAST)}


def calculator_price(line: Line, places: int) -> str:
    """Price of one full record in whole units, as the shortest decimal that gives the line again.

    With at least ``places`` decimals, and as many more as it takes for mass times price, cut at
    the sub-unit, to be the amount. Below the exact price wherever that will do.
    """
    exact = Fraction(line.numerator * FULL_RECORD, line.denominator * SUB_UNITS)
    mass = Fraction(line.mass * SUB_UNITS, FULL_RECORD)
    while True:
        for text in (decimal_floor(exact, places), decimal_ceil(exact, places)):
            if mass * Fraction(text) // 1 == line.amount:
                return text
        places += 1


def flat_reward(terms: Terms, measured: Measured) -> int:
    """Sub-units that the flat rule would have paid for the same records in the same epoch."""
    before = {flat.EVERYONE: terms.records_before * FULL_RECORD}
    after = {flat.EVERYONE: terms.records_after * FULL_RECORD}
    price = flat.prices(terms.policy, before, after)[flat.EVERYONE].paid
    exact = terms.policy.pool * price * measured.accepted * FULL_RECORD
    return exact.numerator // exact.denominator


def _mean_price(terms: Terms) -> Fraction:
    """The mean price of a thousandth over all dimensions, as a share of the pool."""
    records = terms.records_after - terms.records_before
    return terms.method.mean_price(terms.prices, added_stock(terms), records)


def _ratio(part: Fraction, whole: Fraction) -> Fraction:
    return part / whole if whole else Fraction(0)
