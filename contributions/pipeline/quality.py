"""Stage 3: each record is typed, judged by the call's checks, and given its quality mass.

Runs in workers of the `quality` queue only, because the engine is heavy to load. Quality mass q of
an accepted record is 1000 minus the stated losses of the checks it failed, in thousandths.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from contributions.calls.decimals import decimal
from contributions.models import Contribution, Stage, State
from contributions.parts import Told, untold
from contributions.pipeline.description import (
    Document,
    describe,
    earlier_push,
    recorded_form,
)
from contributions.pipeline.endings import Ending
from contributions.pipeline.under_way import part_done
from contributions.pipeline.work import (
    ROW,
    Found,
    Settle,
    Settled,
    StageWork,
    from_parquet,
)
from contributions.quality.outcome import CheckResult, QualityOutcome
from contributions.schema import Typed as Cast
from contributions.schema import cast
from contributions.schema.document import fields_of

if TYPE_CHECKING:
    import pandas as pd

ACCEPTED, QUARANTINED, DUPLICATE = 0, 1, 2
VERDICT, MASS = "dure:verdict", "dure:q"


@dataclass(frozen=True)
class Typed:
    """Records of a contribution, typed by the call's schema; `good` are the rows that could be."""

    records: pa.Table
    numbers: npt.NDArray[np.int64]
    cast: Cast
    good: npt.NDArray[np.bool_]

    @property
    def frame(self) -> pd.DataFrame:
        """The rows that the checks are asked about."""
        return self.cast.frame[self.good]


def work(contribution: Contribution) -> Settle:
    """Set aside what breaks the schema or a critical check; ends as returned above tolerance."""
    # The engine takes seconds to import; workers of this queue have it loaded before they fork.
    from contributions.quality import choice

    version = contribution.call_version
    columns, checks = len(fields_of(version.document["schema"])), version.document["checks"]
    parts = columns + len(checks)
    typed = typed_records(contribution, lambda read, _columns: part_done(read, parts))
    judged = choice.run(
        typed.frame,
        checks=checks,
        suite_id=version.sha256,
        told=lambda judged, _checks: part_done(columns + judged, parts),
    )
    settled = concluded(
        contribution,
        typed,
        judged,
        earlier=earlier_push(contribution),
        form=recorded_form(contribution.id),
    )
    return lambda _contribution: settled


def typed_records(contribution: Contribution, told: Told = untold) -> Typed:
    """The records that the privacy gate let through, as the schema reads them."""
    records = from_parquet(contribution.records)
    numbers = records.column(ROW).to_numpy()
    typed = cast(
        records.drop_columns([ROW]),
        contribution.call_version.document["schema"],
        row_numbers=numbers,
        told=told,
    )
    return Typed(records, numbers, typed, ~typed.bad_rows)


def concluded(
    contribution: Contribution,
    typed: Typed,
    judged: QualityOutcome,
    *,
    earlier: Document | None,
    form: Mapping[str, str],
) -> Settled:
    """What the verdicts of the checks mean for a contribution; `earlier` and `form` as `describe`
    takes them.
    """
    version, numbers = contribution.call_version, typed.numbers
    aside = typed.cast.bad_rows.copy()
    aside[typed.good] = judged.set_aside
    q = np.zeros(len(numbers), np.int64)
    q[typed.good] = np.clip(1000 - judged.loss, 0, 1000)
    q[aside] = 0
    found = sorted(
        (
            Found(int(p.row), p.rule, p.column, dict(p.params))
            for p in (*typed.cast.problems, *judged.problems)
        ),
        key=lambda each: each.row,
    )
    quarantined = contribution.quarantined + int(aside.sum())
    checks = [check_document(result) for result in judged.results]
    described = describe(
        typed.records, typed.cast.frame[~aside], version.document, earlier=earlier, form=form
    )
    return Settled(
        changes={"quarantined": quarantined, "checks": checks},
        outcome=pa.table(
            {
                ROW: pa.array(numbers, pa.int64()),
                VERDICT: pa.array(np.where(aside, QUARANTINED, ACCEPTED), pa.int8()),
                MASS: pa.array(q, pa.int16()),
            }
        ),
        findings=found,
        findings_total=_total(typed.cast.counts, judged.results),
        counts={
            "set_aside": int(aside.sum()),
            "checks": len(checks),
            "description": described,
        },
        ending=_ending(contribution, quarantined, judged.table_failures),
        lines=[
            (
                "quality.run",
                {
                    "receipt": contribution.receipt,
                    "suite_sha256": version.sha256,
                    "rows": len(numbers),
                    "set_aside": int(aside.sum()),
                    "checks": len(checks),
                    "failed_checks": sum(1 for check in checks if not check["passed"]),
                },
            )
        ],
    )


def check_document(result: CheckResult) -> dict[str, Any]:  # Any: JSON
    """What came of one check, as the contribution document has it."""
    return {
        "rule": result.rule,
        "column": result.column or "",
        "severity": result.severity,
        "passed": result.passed,
        "failing": result.failing,
        **({"error": result.error} if result.error else {}),
    }


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
