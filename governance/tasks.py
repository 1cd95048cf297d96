"""What governance does in the background."""

from __future__ import annotations

from celery import shared_task

from governance.log import audits, services


@shared_task(name="governance.tasks.sequence_log", ignore_result=True)
def sequence_log() -> None:
    """Sequences what waits; when another worker is at it, there is nothing to do here."""
    services.sequence(wait=False)


@shared_task(name="governance.tasks.audit_log", ignore_result=True)
def audit_log() -> None:
    """Verifies the whole log and keeps the outcome for the integrity page."""
    audits.audit_log()
