"""The five stages in their order, and running them one after the other in this process."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from contributions.models import Contribution, Stage
from contributions.models.contributions import STAGES
from contributions.pipeline import decode, duplicates, privacy, quality, representativeness
from contributions.pipeline.work import StageWork, run_stage

STEPS: Mapping[Stage, StageWork] = {
    step.stage: step
    for step in (
        decode.STEP,
        privacy.STEP,
        quality.STEP,
        duplicates.STEP,
        representativeness.STEP,
    )
}


def check(contribution_id: UUID) -> Contribution:
    """Run every stage that is left, here and now, and return the contribution.

    What workers do as a chain of tasks, for commands and tests that want to wait for the answer.
    """
    for stage in STAGES:
        run_stage(contribution_id, STEPS[stage])
    return Contribution.objects.select_related("call", "call_version").get(id=contribution_id)
