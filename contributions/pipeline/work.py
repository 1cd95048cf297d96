"""The frame around every stage: claim, work, and one transaction that settles what was done.

A contribution's row is the truth about its progress. A stage is claimed by a conditional update
that gives the worker a lease; what it found is written together with the step to the next stage,
and only by the holder of the claim. So a stage that runs twice, or on two workers at once, has one
effect, and a worker that dies leaves nothing behind but a lease that runs out.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pyarrow as pa
from django.db import transaction
from django.db.models import Q

from contributions.blobs import purge_after_commit
from contributions.models import Contribution, Finding, Stage, StageRun, State
from contributions.models.contributions import MOVING, STAGES
from contributions.models.findings import KEPT_MAX
from contributions.pipeline import lease
from contributions.pipeline.endings import Ending, end, end_withdrawn_consent
from contributions.pipeline.tables import ROW, from_parquet, to_parquet
from dure.core.blobs import path_of, store_bytes
from dure.core.clock import now
from dure.core.ids import new_id
from dure.core.models import Blob

logger = logging.getLogger(__name__)

__all__ = ["ROW", "Found", "Settle", "Settled", "StageWork", "from_parquet", "run_stage"]

ATTEMPTS_MAX = 3


@dataclass(frozen=True)
class Found:
    """A place and a rule, as a stage saw it; becomes a Finding."""

    row: int
    rule: str
    column: str = ""
    params: dict[str, Any] = field(default_factory=dict)  # Any: words of the rule's sentence


@dataclass
class Settled:
    """What a stage hands over: new facts of the contribution, tables, findings, counts."""

    changes: dict[str, Any] = field(default_factory=dict)  # Any: columns of the contribution
    records: pa.Table | None = None
    outcome: pa.Table | None = None
    findings: Sequence[Found] = ()
    findings_total: int | None = None
    counts: dict[str, Any] = field(default_factory=dict)  # Any: JSON of the stage run
    ending: Ending | None = None


#: Runs inside the settling transaction, on the locked row.
Settle = Callable[[Contribution], Settled]


@dataclass(frozen=True)
class StageWork:
    """One stage: what it does, the version of its code, and which table it reads."""

    stage: Stage
    code_version: str
    reads: Callable[[Contribution], Blob | None]
    work: Callable[[Contribution], Settle]


def run_stage(contribution_id: UUID, step: StageWork) -> bool:
    """Do one stage of one contribution; True when the next stage may begin.

    Nothing happens (False) where the stage is done, ended or held by another worker. An internal
    error is tried again, at most three times, and then ends the contribution as failed.
    """
    contribution = _claim(contribution_id, step.stage)
    if contribution is None:
        return False
    started_at = now()
    try:
        if contribution.attempts > ATTEMPTS_MAX:
            return _give_up(contribution)
        if end_withdrawn_consent(contribution):
            return False
        with lease.kept(contribution.id, contribution.claim):
            settle = step.work(contribution)
            return _settle(contribution, step, settle, started_at)
    except Ending as ending:
        end(contribution.id, ending, claim=contribution.claim)
        return False
    except Exception as error:
        # The type only: the text of an exception may quote the file.
        logger.error("%s of %s: %s", step.stage, contribution.receipt, type(error).__name__)
        logger.debug("stage error", exc_info=True)
        if contribution.attempts >= ATTEMPTS_MAX:
            return _give_up(contribution)
        _put_back(contribution)
        return False


def _claim(contribution_id: UUID, stage: Stage) -> Contribution | None:
    contribution = (
        Contribution.objects.select_related("call", "call_version", "source", "records", "outcome")
        .filter(id=contribution_id, stage=stage, state__in=MOVING)
        .first()
    )
    if contribution is None:
        return None
    contribution.call_version.call = contribution.call
    moment, token = now(), new_id()
    # What was read above may be old; the condition of the update decides.
    claimed = (
        Contribution.objects.filter(
            id=contribution_id,
            stage=stage,
            state__in=MOVING,
            attempts=contribution.attempts,
        )
        .filter(Q(lease_until=None) | Q(lease_until__lt=moment))
        .update(
            state=State.CHECKING,
            claim=token,
            lease_until=moment + lease.until(),
            attempts=contribution.attempts + 1,
            updated_at=moment,
        )
    )
    if claimed != 1:
        return None
    contribution.state, contribution.claim = State.CHECKING, token
    contribution.attempts += 1
    return contribution


def _settle(
    contribution: Contribution, step: StageWork, settle: Settle, started_at: datetime
) -> bool:
    stored: list[Blob] = []
    try:
        with transaction.atomic():
            held = (
                Contribution.objects.select_for_update()
                .filter(id=contribution.id, claim=contribution.claim, state=State.CHECKING)
                .exists()
            )
            if not held:
                return False
            settled = settle(contribution)
            _write(contribution, step, settled, stored, started_at)
            if settled.ending is not None:
                end(contribution.id, settled.ending, claim=contribution.claim)
                return False
    except BaseException:
        # Their rows were rolled back, so only the files are left.
        for blob in stored:
            path_of(blob.id).unlink(missing_ok=True)
        raise
    return step.stage != STAGES[-1]


def _write(
    contribution: Contribution,
    step: StageWork,
    settled: Settled,
    stored: list[Blob],
    started_at: datetime,
) -> None:
    """Findings, tables, the stage run and the step onwards, all in the caller's transaction."""
    source = step.reads(contribution)
    assert source is not None, "a stage reads what the one before wrote"
    output: Blob | None = None
    for name, table in (("records", settled.records), ("outcome", settled.outcome)):
        if table is None:
            continue
        output = store_bytes(to_parquet(table), owner=contribution.party_id)
        stored.append(output)
        earlier: Blob | None = getattr(contribution, name)
        setattr(contribution, name, output)
        if earlier is not None:
            purge_after_commit(earlier)
    _keep_findings(contribution, step.stage, settled)
    ended_at = now()
    StageRun.objects.bulk_create(
        [
            StageRun(
                contribution=contribution,
                stage=step.stage,
                code_version=step.code_version,
                input_sha256=source.sha256,
                output_sha256=output.sha256 if output else "",
                counts=settled.counts,
                started_at=started_at,
                ended_at=max(ended_at, started_at),
            )
        ],
        ignore_conflicts=True,
    )
    for name, value in settled.changes.items():
        setattr(contribution, name, value)
    if settled.ending is None:
        place = STAGES.index(step.stage)
        contribution.stage = STAGES[min(place + 1, len(STAGES) - 1)]
        contribution.lease_until = None
        contribution.attempts = 0
        if contribution.state == State.CHECKING:
            contribution.nudged_at = ended_at
    contribution.updated_at = ended_at
    claim = contribution.claim
    if settled.ending is None:
        contribution.claim = None
    contribution.save()
    contribution.claim = claim


def _keep_findings(contribution: Contribution, stage: Stage, settled: Settled) -> None:
    total = len(settled.findings) if settled.findings_total is None else settled.findings_total
    kept = min(contribution.findings_total, KEPT_MAX)
    contribution.findings_total += total
    Finding.objects.bulk_create(
        [
            Finding(
                contribution=contribution,
                stage=stage,
                row=found.row,
                column=found.column[:200],
                rule=found.rule[:120],
                params=found.params,
            )
            for found in settled.findings[: KEPT_MAX - kept]
        ]
    )


def _give_up(contribution: Contribution) -> bool:
    end(contribution.id, Ending(State.FAILED, "internal"), claim=contribution.claim)
    return False


def _put_back(contribution: Contribution) -> None:
    moment = now()
    Contribution.objects.filter(id=contribution.id, claim=contribution.claim).update(
        claim=None,
        lease_until=moment + timedelta(seconds=2**contribution.attempts),
        updated_at=moment,
    )
