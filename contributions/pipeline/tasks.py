"""The chain of tasks that checks a contribution; every message carries an id and is only a hint."""

from __future__ import annotations

import logging
from uuid import UUID

from celery import chain, shared_task
from celery.app.task import Task
from django.conf import settings
from kombu.exceptions import OperationalError

from contributions import totals
from contributions.models import Stage
from contributions.models.contributions import STAGES
from contributions.pipeline.forgetting import forget_fingerprints
from contributions.pipeline.stages import STEPS
from contributions.pipeline.sweep import end_overdue, purge_leftovers, take_up
from contributions.pipeline.together import check_together, is_fit, let_go_abandoned
from contributions.pipeline.waiting import forget_waiting
from contributions.pipeline.work import run_stage
from dure.core.nudge import nudge

logger = logging.getLogger(__name__)


@shared_task(name="contributions.pipeline.tasks.decode")
def decode(contribution_id: str) -> None:
    run_stage(UUID(contribution_id), STEPS[Stage.DECODE])


@shared_task(name="contributions.pipeline.tasks.privacy")
def privacy(contribution_id: str) -> None:
    run_stage(UUID(contribution_id), STEPS[Stage.PRIVACY])


@shared_task(name="contributions.pipeline.tasks.quality")
def quality(contribution_id: str) -> None:
    run_stage(UUID(contribution_id), STEPS[Stage.QUALITY])


@shared_task(name="contributions.pipeline.tasks.duplicates")
def duplicates(contribution_id: str) -> None:
    run_stage(UUID(contribution_id), STEPS[Stage.DUPLICATES])


@shared_task(name="contributions.pipeline.tasks.representativeness")
def representativeness(contribution_id: str) -> None:
    run_stage(UUID(contribution_id), STEPS[Stage.REPRESENTATIVENESS])


@shared_task(name="contributions.pipeline.tasks.together", bind=True)
def together(self: Task[[str], None], contribution_id: str) -> None:
    """Check what waits beside this contribution, and it, to the end."""
    if (self.request.delivery_info or {}).get("redelivered"):
        # The worker that had this message may have died with others on its desk.
        go_on_after_the_dead()
    for each in check_together(UUID(contribution_id)):
        start(each, alone=True)


def go_on_after_the_dead() -> None:
    for contribution_id, stage in let_go_abandoned():
        start(contribution_id, Stage(stage), alone=True)


TASKS: dict[Stage, Task[[str], None]] = {
    Stage.DECODE: decode,
    Stage.PRIVACY: privacy,
    Stage.QUALITY: quality,
    Stage.DUPLICATES: duplicates,
    Stage.REPRESENTATIVENESS: representativeness,
}
#: The checking engine is loaded only where this queue is consumed.
QUEUES = {Stage.QUALITY: "quality"}


def start(contribution_id: UUID, stage: Stage = Stage.DECODE, *, alone: bool = False) -> None:
    """Tell workers of a contribution; without a broker the sweep does it later.

    A small new one is taken along with others to its end, unless it has to go `alone`; any other
    goes from stage to stage, from this one on.
    """
    if not settings.NUDGE:
        return
    if not alone and stage == Stage.DECODE and is_fit(contribution_id):
        nudge(together, str(contribution_id), queue=QUEUES[Stage.QUALITY])
        return
    steps = [
        TASKS[each].si(str(contribution_id)).set(queue=QUEUES.get(each, "default"))
        for each in STAGES[STAGES.index(stage) :]
    ]
    try:
        chain(*steps).apply_async(retry=False)
    except (OperationalError, OSError) as error:
        logger.warning("no broker for the pipeline (%s)", type(error).__name__)


@shared_task(name="contributions.pipeline.tasks.sweep")
def sweep() -> None:
    """By the clock: take up what stands still, end what is overdue, purge what was left."""
    go_on_after_the_dead()
    for contribution_id, stage in take_up():
        start(contribution_id, Stage(stage))
    end_overdue()
    purge_leftovers()


@shared_task(name="contributions.pipeline.tasks.tidy")
def tidy() -> None:
    """By the clock: forget who waits behind what is settled, and whom nobody may know any more."""
    forget_waiting()
    forget_fingerprints()


@shared_task(name="contributions.pipeline.tasks.fold_totals")
def fold_totals() -> None:
    """By the clock: make one row out of many of a sum over all contributions."""
    totals.fold()
