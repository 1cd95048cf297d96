"""Stage 3: each record is typed, judged by the call's checks, and given its quality mass.

Runs in workers of the `quality` queue only, because the engine is heavy to load. Quality mass q of
an accepted record is 1000 minus the stated losses of the checks it failed, in thousandths.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa

from contributions.calls.document import decimal
from contributions.models import Contribution, Stage, State
from contributions.pipeline.description import describe
from contributions.pipeline.endings import WORKER, Ending
from contributions.pipeline.work import (
    ROW,
    Found,
    Settle,
    Settled,
    StageWork,
    from_parquet,
)
from contributions.quality.outcome import CheckResult
from contributions.schema import cast
from dure.core.canonical import Json
from governance.log.services import record

ACCEPTED, QUARANTINED, DUPLICATE = 0, 1, 2
VERDICT, MASS = "dure:verdict", "dure:q"


def work(contribution: Contribution) -> Settle:
    """Set aside what breaks the schema or a critical check; ends as returned above tolerance."""
    # The engine takes seconds to import; workers of this queue have it loaded before they fork.
    from contributions.quality import engine

    version = contribution.call_version
    records = from_parquet(contribution.records)
    numbers = records.column(ROW).to_numpy()
    typed = cast(records.drop_columns([ROW]), version.document["schema"], row_numbers=numbers)
    good = ~typed.bad_rows
    judged = engine.run(
        typed.frame[good], checks=version.document["checks"], suite_id=version.sha256
    )
    aside = typed.bad_rows.copy()
    aside[good] = judged.set_aside
    q = np.zeros(len(numbers), np.int64)
    q[good] = np.clip(1000 - judged.loss, 0, 1000)
    q[aside] = 0
    found = sorted(
        (
            Found(int(p.row), p.rule, p.column, dict(p.params))
            for p in (*typed.problems, *judged.problems)
        ),
        key=lambda each: each.row,
    )
    quarantined = contribution.quarantined + int(aside.sum())
    checks: list[dict[str, Any]] = [  # Any: JSON of the contribution document
        {
            "rule": result.rule,
            "column": result.column or "",
            "severity": result.severity,
            "passed": result.passed,
            "failing": result.failing,
            **({"error": result.error} if result.error else {}),
        }
        for result in judged.results
    ]
    settled = Settled(
        changes={"quarantined": quarantined, "checks": checks},
        outcome=pa.table(
            {
                ROW: pa.array(numbers, pa.int64()),
                VERDICT: pa.array(np.where(aside, QUARANTINED, ACCEPTED), pa.int8()),
                MASS: pa.array(q, pa.int16()),
            }
        ),
        findings=found,
        findings_total=_total(typed.counts, judged.results),
        counts={
            "set_aside": int(aside.sum()),
            "checks": len(checks),
            "description": describe(contribution, records, typed.frame[~aside], version.document),
        },
    )
    settled.ending = _ending(contribution, quarantined, judged.table_failures)

    def settle(held: Contribution) -> Settled:
        payload: dict[str, Json] = {
            "receipt": held.receipt,
            "suite_sha256": version.sha256,
            "rows": len(numbers),
            "set_aside": int(aside.sum()),
            "checks": len(checks),
            "failed_checks": sum(1 for check in checks if not check["passed"]),
        }
        record(kind="quality.run", acting=WORKER, subject=held.party_id, payload=payload)
        return settled

    return settle


def _total(counts: dict[tuple[str, str], int], results: Sequence[CheckResult]) -> int:
    """All places that were found, of which the stages keep the first ones."""
    failing = sum(r.failing for r in results if r.severity == "critical" and not r.error)
    return sum(counts.values()) + failing


def _ending(
    contribution: Contribution, quarantined: int, table_failures: Sequence[CheckResult]
) -> Ending | None:
    decisive = [failure for failure in table_failures if failure.severity == "critical"]
    if decisive:
        return Ending(State.RETURNED, "table-check-failed", check=decisive[0].rule)
    tolerance = decimal(contribution.call_version.document["tolerance"])
    if Fraction(quarantined, contribution.received) > tolerance:
        return Ending(
            State.RETURNED,
            "over-tolerance",
            quarantined=quarantined,
            received=contribution.received,
            tolerance=str(float(tolerance * 100)).removesuffix(".0"),
        )
    return None


STEP = StageWork(
    stage=Stage.QUALITY,
    code_version="1",
    reads=lambda contribution: contribution.records,
    work=work,
)
