"""Writing down what stages found: of one contribution or of many, with as few statements.

A passage gathers, in memory, what one contribution came to on its way through one stage or more.
Passages are written together, in the transaction of whoever settles them; each keeps its own
stage runs, findings, log entries and event.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from contributions.blobs import purge_sent
from contributions.models import CellMass, Contribution, Finding, StageRun, State, StratumMass
from contributions.models.contributions import STAGES
from contributions.models.findings import KEPT_MAX
from contributions.news import publish, told_line
from contributions.pipeline.endings import WORKER, Ending
from contributions.pipeline.settled import Settled, StageWork
from contributions.pipeline.tables import lay_at_hand, to_parquet
from dure.core.blobs import Unstored, discard, purge_all, store_all, unstored
from dure.core.clock import now
from dure.core.models import Blob
from governance.log.services import Line, record_all

ROWS_AT_ONCE = 5_000
#: What the pipeline writes of a contribution, and the type PostgreSQL knows it by.
COLUMNS = {
    "state": "text",
    "stage": "text",
    "reason_rule": "text",
    "records_id": "uuid",
    "outcome_id": "uuid",
    "received": "int",
    "accepted": "int",
    "quarantined": "int",
    "duplicate": "int",
    "mass": "bigint",
    "quality_score": "text",
    "checks": "jsonb",
    "unmapped": "jsonb",
    "findings_total": "int",
    "attempts": "int",
    "stage_share": "int",
    "claim": "uuid",
    "lease_until": "timestamptz",
    "nudged_at": "timestamptz",
    "updated_at": "timestamptz",
    "accepted_at": "timestamptz",
}
UPDATE = f"""
UPDATE contributions_contribution held
SET ({", ".join(COLUMNS)}) = ({
    ", ".join(
        f"came.{name}::jsonb" if kind == "jsonb" else f"came.{name}"
        for name, kind in COLUMNS.items()
    )
})
FROM unnest(%s::uuid[], {
    ", ".join(f"%s::{'text' if kind == 'jsonb' else kind}[]" for kind in COLUMNS.values())
}) AS came (id, {", ".join(COLUMNS)})
WHERE held.id = came.id
"""  # noqa: S608 - made of the names above


@dataclass
class Passage:
    """What came of a contribution so far, not written yet; `ending` where it goes no further."""

    contribution: Contribution
    ending: Ending | None = None
    told: str = ""
    sent_is_over: bool = False
    runs: list[StageRun] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    masses: list[StratumMass] = field(default_factory=list)
    cells: list[CellMass] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    made: dict[UUID, Unstored] = field(default_factory=dict)
    replaced: list[Blob] = field(default_factory=list)

    def advance(self, step: StageWork, settled: Settled, started_at: datetime) -> None:
        """Take in what a stage handed over; the contribution moves on, in memory."""
        contribution = self.contribution
        source = step.reads(contribution)
        assert source is not None, "a stage reads what the one before wrote"
        output = self._take_tables(settled)
        self._take_findings(step, settled)
        self.masses += settled.masses
        self.cells += settled.cells
        self.lines += [
            Line(kind, contribution.party_id, payload) for kind, payload in settled.lines
        ]
        self.told = settled.told
        self.sent_is_over = settled.sent_is_over
        self.ending = settled.ending
        ended_at = max(now(), started_at)
        self.runs.append(
            StageRun(
                contribution=contribution,
                stage=step.stage,
                code_version=step.code_version,
                input_sha256=source.sha256,
                output_sha256=output.sha256 if output else "",
                counts=settled.counts,
                started_at=started_at,
                ended_at=ended_at,
            )
        )
        for name, value in settled.changes.items():
            setattr(contribution, name, value)
        contribution.updated_at = ended_at
        if settled.ending is None:
            place = STAGES.index(step.stage)
            contribution.stage = STAGES[min(place + 1, len(STAGES) - 1)]
            contribution.attempts = contribution.stage_share = 0
            if contribution.state == State.CHECKING:
                contribution.nudged_at = ended_at

    def discard(self) -> None:
        """Delete the files of a passage whose rows were rolled back."""
        discard([each.blob for each in self.made.values()])

    def _take_tables(self, settled: Settled) -> Blob | None:
        contribution, output = self.contribution, None
        for name, table in (("records", settled.records), ("outcome", settled.outcome)):
            if table is None:
                continue
            made = unstored(to_parquet(table), owner=contribution.party_id)
            earlier: Blob | None = getattr(contribution, name)
            # A table between two stages of one passage is never stored.
            if earlier is not None and self.made.pop(earlier.id, None) is None:
                self.replaced.append(earlier)
            self.made[made.blob.id] = made
            output = made.blob
            lay_at_hand(output, table)
            setattr(contribution, name, output)
        return output

    def _take_findings(self, step: StageWork, settled: Settled) -> None:
        contribution = self.contribution
        found = settled.findings
        total = len(found) if settled.findings_total is None else settled.findings_total
        kept = min(contribution.findings_total, KEPT_MAX)
        contribution.findings_total += total
        self.findings += [
            Finding(
                contribution=contribution,
                stage=step.stage,
                row=each.row,
                column=each.column[:200],
                rule=each.rule[:120],
                params=each.params,
            )
            for each in found[: KEPT_MAX - kept]
        ]


def write(passages: Sequence[Passage]) -> None:
    """Files, rows, log entries and events of passages, in the caller's transaction.

    A claim is given up where the contribution goes on; `end` needs that of the others. Where the
    transaction does not commit, the caller discards the passages.
    """
    store_all([made for passage in passages for made in passage.made.values()])
    replaced = _all(passage.replaced for passage in passages)
    if replaced:
        transaction.on_commit(partial(purge_all, replaced))
    StageRun.objects.bulk_create(_all(passage.runs for passage in passages), ignore_conflicts=True)
    for model, rows in (
        (Finding, _all(passage.findings for passage in passages)),
        (StratumMass, _all(passage.masses for passage in passages)),
        (CellMass, _all(passage.cells for passage in passages)),
    ):
        if rows:
            model._default_manager.bulk_create(rows, batch_size=ROWS_AT_ONCE)
    lines = _all(passage.lines for passage in passages)
    told = [passage for passage in passages if passage.told]
    record_all([*lines, *(told_line(p.contribution, p.told) for p in told)], acting=WORKER)
    for event in sorted({passage.told for passage in told}):
        publish([p.contribution for p in told if p.told == event], event)
    purge_sent(*(p.contribution for p in passages if p.sent_is_over))
    _update(passages)


def _all(parts: Iterable[Iterable[Any]]) -> list[Any]:  # Any: of whatever is put together
    return [each for part in parts for each in part]


def _update(passages: Sequence[Passage]) -> None:
    rows = [_row(passage) for passage in passages if passage.runs]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(UPDATE, [list(column) for column in zip(*rows, strict=True)])


def _row(passage: Passage) -> list[Any]:  # Any: values of many types
    contribution = passage.contribution
    row: list[Any] = [contribution.id]
    for name, kind in COLUMNS.items():
        value = getattr(contribution, name)
        if name in ("claim", "lease_until") and passage.ending is None:
            value = None
        if kind == "jsonb":
            value = json.dumps(value)
        elif kind == "text":
            value = str(value)
        row.append(value)
    return row
