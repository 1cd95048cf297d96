"""The log: giving entries their place, proving one, checking all; beside pymerkle."""

from __future__ import annotations

import os
import random

from governance.log import merkle
from tests.benchmarks.measure import Figure, Size, percentile, stopwatch, time_each

LEAVES: dict[Size, int] = {"quick": 20_000, "normal": 200_000, "full": 1_000_000}
PROOFS = 300


def run(size: Size) -> list[Figure]:
    from governance.log.selectors import inclusion_document
    from governance.log.services import sequence
    from governance.log.verify import Outcome, verify_log

    count = LEAVES[size]
    _write_entries(count)
    with stopwatch() as placing:
        placed = sequence()
    assert placed >= count
    dice = random.Random(1)
    proving = time_each(lambda _: inclusion_document(dice.randrange(count)), PROOFS)
    with stopwatch() as checking:
        verdict = verify_log()
    assert verdict.outcome is Outcome.OK, verdict.reason
    theirs = min(count, 20_000)
    append_s, prove_s = _pymerkle(theirs)
    ours_per_s, theirs_per_s = placed / placing.seconds, theirs / append_s
    p95, their_p95 = percentile(proving, 0.95), percentile(prove_s, 0.95)
    against = f"pymerkle in memory, {theirs:,} leaves"
    return [
        Figure(
            f"log: place {count:,} committed entries in PostgreSQL, tiles and checkpoint",
            ours_per_s,
            "leaves/s",
            against,
            theirs_per_s,
            ours_per_s / theirs_per_s,
            "20,000",
        ),
        Figure(
            "log: inclusion proof from stored tiles, p95",
            p95 * 1000,
            "ms",
            against,
            their_p95 * 1000,
            their_p95 / p95,
            "10 ms",
        ),
        Figure(
            f"log: verify {count:,} entries from their bodies",
            checking.seconds,
            "s",
            goal="20 s for 1,000,000",
        ),
    ]


def _write_entries(count: int) -> None:
    """Committed entries that wait for their place, as many services would have left them."""
    from dure.core import clock
    from dure.core.ids import new_id
    from governance.log import kinds
    from governance.log.leaf import Leaf, build_leaf
    from governance.models import LogEntry

    moment = clock.now()
    schema = kinds.SCHEMA_HASHES["quality.run"]
    for start in range(0, count, 10_000):
        rows = []
        for number in range(start, min(start + 10_000, count)):
            body = build_leaf(
                Leaf(
                    kind="quality.run",
                    ts=clock.rfc3339(moment),
                    origin_seq=10**9 + number,
                    actor=os.urandom(32).hex(),
                    subject=os.urandom(32).hex(),
                    payload={"suite": os.urandom(32).hex()},
                    schema=schema,
                )
            )
            rows.append(
                LogEntry(
                    id=new_id(),
                    origin_seq=10**9 + number,
                    kind="quality.run",
                    recorded_at=moment,
                    body=body,
                    leaf_hash=merkle.leaf_hash(body),
                )
            )
        LogEntry.objects.bulk_create(rows)


def _pymerkle(count: int) -> tuple[float, list[float]]:
    from pymerkle import InmemoryTree

    tree = InmemoryTree(algorithm="sha256")
    bodies = [os.urandom(400) for _ in range(count)]
    with stopwatch() as appending:
        for body in bodies:
            tree.append_entry(body)
    dice = random.Random(1)
    proving = time_each(lambda _: tree.prove_inclusion(dice.randrange(1, count)), PROOFS)
    return appending.seconds, proving
