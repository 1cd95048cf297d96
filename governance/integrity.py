"""Whether what must hold does hold: the checks of every room, asked at once."""

from __future__ import annotations

import logging
from typing import TypedDict

from django.conf import settings

from dure.core import clock, outbox
from dure.core.canonical import Json
from governance.log import keys, note, witnesses
from governance.log.inconsistency import LogInconsistent
from governance.log.selectors import (
    anchor_obstacle,
    latest_checkpoint,
    waiting_count,
    waiting_since,
)
from governance.models import LogAudit, LogCheckpoint, Objection, RequestState, RightsRequest
from governance.registries import integrity_checks

logger = logging.getLogger(__name__)

OUTBOX_LAG_MAX_S = 60
# The longest that an entry may wait for its place before somebody should look.
SEQUENCING_LAG_MAX_S = 60


class IntegrityDocument(TypedDict):
    """The outcome of every check; ``ok`` is true only if all of them are."""

    checked_at: str
    ok: bool
    checks: dict[str, dict[str, Json]]


def integrity_document() -> IntegrityDocument:
    """Runs every registered check; one that cannot run counts as failed."""
    checks: dict[str, dict[str, Json]] = {}
    for name, check in integrity_checks.items():
        try:
            checks[name] = check()
        except Exception as error:
            # The type only: the text of an exception may quote data.
            logger.exception("the integrity check %s could not run", name)
            checks[name] = {"ok": False, "error": type(error).__name__}
    return {
        "checked_at": clock.rfc3339(clock.now()),
        "ok": all(check.get("ok") is True for check in checks.values()),
        "checks": checks,
    }


def log_check() -> dict[str, Json]:
    """The signed head, and how far the last audit of the whole log verified it."""
    checkpoint = latest_checkpoint()
    audit = LogAudit.objects.order_by("-id").first()
    since = waiting_since()
    lag_s = 0 if since is None else max(0, int((clock.now() - since).total_seconds()))
    document: dict[str, Json] = {
        "ok": (audit is None or audit.outcome != "tampered") and lag_s <= SEQUENCING_LAG_MAX_S,
        "size": 0,
        "root": "",
        "signed": False,
        "waiting": waiting_count(),
        "lag_seconds": lag_s,
        "verified_up_to": 0,
        "verified_at": None,
        "first_bad_index": None,
    }
    if audit is not None:
        document["verified_at"] = clock.rfc3339(audit.audited_at)
        document["first_bad_index"] = audit.first_bad_index
        if audit.outcome == "ok":
            document["verified_up_to"] = audit.size
        elif audit.first_bad_index is not None:
            document["verified_up_to"] = audit.first_bad_index
    if checkpoint is not None:
        document["size"] = checkpoint.size
        document["root"] = bytes(checkpoint.root).hex()
        document["signed"] = _is_signed(checkpoint)
        document["ok"] = document["ok"] and document["signed"]
    obstacle = anchor_obstacle()
    document["anchor"] = obstacle or "ok"
    document["witnesses"] = [
        {"name": state.name, "size": state.size, "answer": state.answer}
        for state in witnesses.states()
    ]
    document["quorum"] = settings.LOG_QUORUM
    document["quorum_size"] = witnesses.quorum_size() if settings.LOG_QUORUM else 0
    document["ok"] = (
        document["ok"]
        and not obstacle
        and witnesses.quorum_holds(checkpoint)
        and not witnesses.contradicted()
    )
    return document


def outbox_check() -> dict[str, Json]:
    """How long the oldest undelivered event has been waiting."""
    lag_s = outbox.lag_s()
    return {"ok": lag_s <= OUTBOX_LAG_MAX_S, "lag_seconds": lag_s}


def rights_check() -> dict[str, Json]:
    """What people asked by law and nobody answered in time."""
    open_requests = RightsRequest.objects.filter(state=RequestState.RECEIVED)
    open_objections = Objection.objects.filter(state=RequestState.RECEIVED)
    late = {"due_at__lt": clock.now()}
    overdue = open_requests.filter(**late).count() + open_objections.filter(**late).count()
    return {
        "ok": overdue == 0,
        "open": open_requests.count() + open_objections.count(),
        "overdue": overdue,
    }


def _is_signed(checkpoint: LogCheckpoint) -> bool:
    try:
        keys.open_head(checkpoint.note, size=checkpoint.size)
    except (note.NoteError, LogInconsistent):
        return False
    return True
