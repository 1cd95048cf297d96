"""The frame around every stage: claim, work, and one transaction that settles what was done.

A contribution's row is the truth about its progress. A stage is claimed by a conditional update
that gives the worker a lease; what it found is written together with the step to the next stage,
and only by the holder of the claim. So a stage that runs twice, or on two workers at once, has one
effect, and a worker that dies leaves nothing behind but a claim that is known to be abandoned, or
a lease that runs out.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from contributions.models import Contribution, Stage, State
from contributions.models.contributions import MOVING, STAGES
from contributions.pipeline import lease
from contributions.pipeline.clusters import hold
from contributions.pipeline.endings import Ending, end, end_withdrawn_consent
from contributions.pipeline.settled import Found, Settle, Settled, StageWork
from contributions.pipeline.tables import ROW, from_parquet, to_parquet
from contributions.pipeline.under_way import telling_of
from contributions.pipeline.writing import Passage, write
from dure.core.clock import now

logger = logging.getLogger(__name__)

__all__ = [
    "ROW",
    "Found",
    "Settle",
    "Settled",
    "StageWork",
    "from_parquet",
    "run_stage",
    "to_parquet",
]

ATTEMPTS_MAX = 3


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
        with lease.kept(contribution.id, contribution.claim), telling_of(contribution):
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
    moment, token = now(), lease.new_claim()
    free = Q(lease_until=None) | Q(lease_until__lt=moment)
    if lease.is_abandoned(contribution.claim):
        free |= Q(claim=contribution.claim)
    # What was read above may be old; the condition of the update decides.
    claimed = (
        Contribution.objects.filter(
            id=contribution_id,
            stage=stage,
            state__in=MOVING,
            attempts=contribution.attempts,
        )
        .filter(free)
        .update(
            state=State.CHECKING,
            claim=token,
            lease_until=moment + lease.until(),
            attempts=contribution.attempts + 1,
            stage_share=0,
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
    passage = Passage(contribution)
    try:
        with transaction.atomic():
            if step.changes_clusters:
                hold(contribution.call_id)
            held = (
                Contribution.objects.select_for_update()
                .filter(id=contribution.id, claim=contribution.claim, state=State.CHECKING)
                .exists()
            )
            if not held:
                return False
            passage.advance(step, settle(contribution), started_at)
            write([passage])
            if passage.ending is not None:
                end(contribution.id, passage.ending, claim=contribution.claim)
                return False
    except BaseException:
        # Their rows were rolled back, so only the files are left.
        passage.discard()
        raise
    return step.stage != STAGES[-1]


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
