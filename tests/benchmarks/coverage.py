"""Exact allocation of an epoch; beside the same sums in floating point, which are not exact."""

from __future__ import annotations

import random
from fractions import Fraction

from rewards.valuation.allocation import allocate, plus
from rewards.valuation.coverage import prices
from rewards.valuation.policy import Dimension, Policy, Stock, Stratum
from tests.benchmarks.measure import Figure, Size, stopwatch

RECORDS: dict[Size, int] = {"quick": 100_000, "normal": 1_000_000, "full": 1_000_000}
STRATA = 400
RECORDS_EACH = 5


def run(size: Size) -> list[Figure]:
    records = RECORDS[size]
    accounts = records // RECORDS_EACH
    dice = random.Random(7)
    counts = {f"{number:03d}": dice.randint(1_000, 400_000) for number in range(STRATA)}
    policy = Policy(
        pool=10**12,
        target_records=records,
        dimensions=(Dimension("district", Fraction(1), counts),),
        price_cap=Fraction(3),
    )
    strata = [Stratum("district", key) for key in counts]
    masses = {str(account): _stock(dice, strata) for account in range(accounts)}
    with stopwatch() as exact:
        after = plus(*masses.values())
        found = prices(policy, {}, after)
        allocation = allocate(pool=policy.pool, available=policy.pool, prices=found, masses=masses)
    assert 0 < allocation.total <= policy.pool
    with stopwatch() as inexact:
        rounded = {stratum: float(price.paid) * policy.pool for stratum, price in found.items()}
        total = 0.0
        for stock in masses.values():
            total += sum(rounded[stratum] * mass for stratum, mass in stock.items())
    assert abs(total - allocation.total) < 1e-6 * policy.pool
    return [
        Figure(
            f"coverage: {records:,} records, {STRATA} strata, {accounts:,} accounts, exactly",
            exact.seconds,
            "s",
            "floating point, amounts only",
            inexact.seconds,
            inexact.seconds / exact.seconds,
            "5 s for 1,000,000",
        )
    ]


def _stock(dice: random.Random, strata: list[Stratum]) -> Stock:
    """Mass of one account's records: thousandths between a half and a whole each."""
    stock: dict[Stratum, int] = {}
    for _ in range(RECORDS_EACH):
        stratum = dice.choice(strata)
        stock[stratum] = stock.get(stratum, 0) + dice.randint(500, 1000)
    return stock
