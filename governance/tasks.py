"""What governance does in the background."""

from __future__ import annotations

from celery import shared_task

from governance.erasure import services as erasure
from governance.log import audits, services
from governance.rights import work


@shared_task(name="governance.tasks.sequence_log", ignore_result=True)
def sequence_log() -> None:
    """Sequences what waits; when another worker is at it, there is nothing to do here."""
    services.sequence(wait=False)


@shared_task(name="governance.tasks.audit_log", ignore_result=True)
def audit_log() -> None:
    """Verifies the whole log and keeps the outcome for the integrity page."""
    audits.audit_log()


@shared_task(name="governance.tasks.work_on_rights", ignore_result=True)
def work_on_rights() -> None:
    """Makes the exports that wait, runs the legal clocks and deletes what has expired."""
    work.make_exports()
    erasure.resume()
    work.run_clocks()
    work.expire_exports()
