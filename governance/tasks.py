"""What governance does in the background."""

from __future__ import annotations

from celery import shared_task

from dure.accounts.guardians import sweep_guardianships
from governance.consent.endings import expire_consents
from governance.erasure import services as erasure
from governance.erasure.pages import rewrite_pages as rewrite
from governance.keys import renew_key_encryption
from governance.log import asking, audits, services
from governance.rights import work


@shared_task(name="governance.tasks.sequence_log", ignore_result=True)
def sequence_log() -> None:
    """Sequences what waits; when another worker is at it, there is nothing to do here."""
    services.sequence(wait=False)


@shared_task(name="governance.tasks.ask_witnesses", ignore_result=True)
def ask_witnesses() -> None:
    """Has the newest head cosigned by the witnesses that have not seen it."""
    asking.ask_witnesses()


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
    work.lift_when_told()
    work.expire_exports()


@shared_task(name="governance.tasks.end_what_is_over", ignore_result=True)
def end_what_is_over() -> None:
    """Ends consents whose time is over, and guardianships of children who are 14 now."""
    expire_consents()
    sweep_guardianships()


@shared_task(name="governance.tasks.renew_keys", ignore_result=True)
def renew_keys() -> None:
    """Replaces the key that wraps data keys when its time has come, and ends old ones."""
    renew_key_encryption()


@shared_task(name="governance.tasks.rewrite_pages", ignore_result=True)
def rewrite_pages() -> None:
    """At night: what was erased also leaves the free space of the database's files."""
    rewrite()
