"""What the clock does about uploads and drafts."""

from __future__ import annotations

from celery import shared_task

from contributions.intake.drafts import sweep_drafts
from contributions.uploads.services import sweep_uploads as sweep


@shared_task(name="contributions.uploads.tasks.sweep_uploads")
def sweep_uploads() -> None:
    sweep()
    sweep_drafts()
