"""What governance does in the background."""

from __future__ import annotations

from celery import shared_task

from governance.log import services


@shared_task(name="governance.tasks.sequence_log", ignore_result=True)
def sequence_log() -> None:
    """Sequences what waits; when another worker is at it, there is nothing to do here."""
    services.sequence(wait=False)
