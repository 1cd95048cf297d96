"""Faults planted in a believable city, by kind: how many are found, and how many finds are right.

Seeds are drawn anew each time, so that nothing was tuned to them; they stand in the table.
"""

from __future__ import annotations

import secrets

from tests.benchmarks.measure import Figure, Size

SEEDS: dict[Size, int] = {"quick": 2, "normal": 8, "full": 24}


def run(size: Size) -> list[Figure]:
    from contributions.quality import engine
    from tests.contributions.dirty.city import KINDS, dirty
    from tests.contributions.dirty.judging import measure

    engine.warm()
    seeds = [secrets.randbelow(10**6) for _ in range(SEEDS[size])]
    measured = [measure(dirty(seed)) for seed in seeds]
    shown = ", ".join(map(str, seeds[:4])) + (" …" if len(seeds) > 4 else "")
    figures = []
    for kind in KINDS:
        faults = sum(each[kind].faults for each in measured)
        for what in ("precision", "recall"):
            values = [getattr(each[kind], what) for each in measured]
            figures.append(
                Figure(
                    f"{kind}: {what}, mean of {len(seeds)} seeds ({shown}; {faults:,} faults)",
                    sum(values) / len(values),
                    "",
                    "the worst seed",
                    min(values),
                )
            )
    return figures
