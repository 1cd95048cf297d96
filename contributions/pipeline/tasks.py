"""The chain of tasks that checks a contribution; every message carries an id and is only a hint."""

from __future__ import annotations

import logging
from uuid import UUID

from celery import chain, shared_task
from celery.app.task import Task
from django.conf import settings
from kombu.exceptions import OperationalError

from contributions.models import Stage
from contributions.models.contributions import STAGES
from contributions.pipeline.stages import STEPS
from contributions.pipeline.sweep import end_overdue, purge_leftovers, take_up
from contributions.pipeline.work import run_stage

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


TASKS: dict[Stage, Task[[str], None]] = {
    Stage.DECODE: decode,
    Stage.PRIVACY: privacy,
    Stage.QUALITY: quality,
    Stage.DUPLICATES: duplicates,
    Stage.REPRESENTATIVENESS: representativeness,
}
#: The checking engine is loaded only where this queue is consumed.
QUEUES = {Stage.QUALITY: "quality"}


def start(contribution_id: UUID, stage: Stage = Stage.DECODE) -> None:
    """Send the chain from a stage on; without a broker the sweep does it later."""
    if not settings.NUDGE:
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
    for contribution_id, stage in take_up():
        start(contribution_id, Stage(stage))
    end_overdue()
    purge_leftovers()
