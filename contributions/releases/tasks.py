"""Messages to the workers that build releases; every message carries an id and is only a hint."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from contributions.releases.building import build, waiting
from contributions.releases.patching import request_patches
from contributions.releases.services import supersede_recalled
from dure.core.nudge import nudge


@shared_task(name="contributions.releases.tasks.build_release")
def build_release(release_id: str) -> None:
    build(UUID(release_id))


def start(release_id: UUID) -> None:
    """Wake a worker for a release; without a broker the sweep does it later."""
    nudge(build_release, str(release_id))


@shared_task(name="contributions.releases.tasks.sweep_releases")
def sweep_releases() -> None:
    """By the clock: take out of use what was recalled, ask for what is left, build what waits."""
    supersede_recalled()
    request_patches()
    for release_id in waiting():
        start(release_id)
