"""Allocating an epoch exactly: a million records of 200,000 accounts over 400 strata."""

from __future__ import annotations

import time
from fractions import Fraction
from random import Random

from rewards.valuation import coverage
from rewards.valuation.allocation import allocate, plus
from rewards.valuation.policy import Dimension, Policy, Stock, Stratum
from tests.benchmarks.measure import Figure, Size

RECORDS: dict[Size, int] = {"quick": 100_000, "normal": 1_000_000, "full": 1_000_000}
STRATA, RECORDS_EACH = 400, 5


def run(size: Size) -> list[Figure]:
    """From masses to floored lines; reading them out of the database is not in it."""
    records = RECORDS[size]
    dice = Random(7)
    keys = [Stratum("cell", f"{number:03d}") for number in range(STRATA)]
    counts = {key.key: dice.randint(1_000, 900_000) for key in keys}
    masses: dict[str, Stock] = {}
    for account in range(records // RECORDS_EACH):
        own: dict[Stratum, int] = {}
        for _ in range(RECORDS_EACH):
            key = keys[int(STRATA * dice.random() ** 2)]
            own[key] = own.get(key, 0) + dice.randint(500, 1000)
        masses[f"{account:064x}"] = own
    policy = Policy(10**18, records, (Dimension("cell", Fraction(1), counts),), Fraction(3))
    start = time.process_time()
    added = plus(*masses.values())
    prices = coverage.prices(policy, {}, added)
    found = allocate(pool=policy.pool, available=policy.pool, prices=prices, masses=masses)
    seconds = time.process_time() - start
    reached = policy.pool * sum((prices[s].paid * mass for s, mass in added.items()), Fraction(0))
    lines = sum(len(own) for own in found.lines.values())
    if not 0 <= reached - found.total < lines:
        raise AssertionError("the allocation does not add up")
    what = f"allocate {records:,} records, {STRATA} strata, {len(masses):,} accounts, exactly, CPU"
    return [Figure(what, seconds, "s", goal="5 s")]
