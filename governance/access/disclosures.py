"""Decisions on consent of a whole call, shown to an auditor: two persons, an end, a note for each.

What is shown is read-only and pseudonymous: parties stand under names that hold within one
disclosure alone. Each party finds in its own record of looks that it was part of one.
"""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core import clock
from dure.core.canonical import Json
from dure.core.clock import rfc3339
from dure.core.problems import NOT_ALLOWED, FieldError
from dure.core.sealing import keyed_digest
from governance.access import problems
from governance.log.services import record
from governance.models import AccessNote, ConsentEvent, Disclosure

REASON_LENGTH_MAX = 2_000
LIFETIME = timedelta(days=30)


@transaction.atomic
def ask_disclosure(*, acting: Actor, scope: str, reason: str) -> Disclosure:
    """An auditor of the call asks; raises NOT_ALLOWED (or expired) and DISCLOSURE_UNFIT."""
    person = acting.require_person()
    if not acting.has_in(Role.AUDITOR, scope):
        raise NOT_ALLOWED.problem()
    words = unicodedata.normalize("NFC", reason).strip()
    if not 0 < len(words) <= REASON_LENGTH_MAX or "\x00" in words:
        raise problems.DISCLOSURE_UNFIT.problem(
            errors=[FieldError("reason", problems.DISCLOSURE_UNFIT.advice, "length")]
        )
    made = Disclosure(scope=scope, reason=words, asked_by=person)
    made.log_entry = record(
        kind="disclosure.asked",
        acting=acting,
        subject=None,
        payload={"disclosure": str(made.id), "scope": scope},
    )
    made.asked_at = made.log_entry.recorded_at
    made.save(force_insert=True)
    return made


@transaction.atomic
def approve_disclosure(*, acting: Actor, disclosure_id: UUID) -> Disclosure:
    """A second person agrees, for thirty days; again changes nothing.

    Raises NOT_ALLOWED, DISCLOSURE_UNKNOWN and DISCLOSURE_OWN.
    """
    acting.require(Role.APPROVER)
    person = acting.require_person()
    found = Disclosure.objects.select_for_update(of=("self",)).filter(id=disclosure_id).first()
    if found is None:
        raise problems.DISCLOSURE_UNKNOWN.problem()
    if found.asked_by_id == person.id:
        raise problems.DISCLOSURE_OWN.problem()
    if found.approved_by_id is None:
        entry = record(
            kind="disclosure.approved",
            acting=acting,
            subject=None,
            payload={"disclosure": str(found.id), "scope": found.scope},
        )
        found.approved_by, found.approved_at = person, entry.recorded_at
        found.until = entry.recorded_at + LIFETIME
        found.save(update_fields=["approved_by", "approved_at", "until"])
    return found


@transaction.atomic
def open_disclosure(*, acting: Actor, disclosure_id: UUID) -> dict[str, Json]:
    """The decisions, for whoever asked; every party in it gets a note of the look first.

    Raises DISCLOSURE_UNKNOWN (also where the auditor's own access has ended), DISCLOSURE_WAITS
    and DISCLOSURE_OVER.
    """
    person = acting.require_person()
    found = Disclosure.objects.filter(id=disclosure_id, asked_by=person).first()
    if found is None or not acting.has_in(Role.AUDITOR, found.scope):
        raise problems.DISCLOSURE_UNKNOWN.problem()
    if found.until is None:
        raise problems.DISCLOSURE_WAITS.problem()
    moment = clock.now()
    if moment >= found.until:
        raise problems.DISCLOSURE_OVER.problem()
    events = (
        ConsentEvent.objects.filter(consent__notice__scope=found.scope)
        .select_related("consent__notice", "log_entry__place")
        .order_by("log_entry__origin_seq")
    )
    rows = list(events)
    parties = {event.consent.party_id for event in rows}
    AccessNote.objects.bulk_create(
        AccessNote(
            party_id=party,
            by=person,
            what="disclosure",
            subject=str(found.id),
            why="disclosure",
            at=moment,
        )
        for party in sorted(parties, key=str)
    )
    record(
        kind="disclosure.opened",
        acting=acting,
        subject=None,
        payload={"disclosure": str(found.id), "scope": found.scope, "rows": len(rows)},
    )
    return {**disclosure_document(found), "decisions": [_row(found, event) for event in rows]}


def disclosure_document(found: Disclosure) -> dict[str, Json]:
    """The disclosure without what it shows."""
    return {
        "id": str(found.id),
        "scope": found.scope,
        "reason": found.reason,
        "asked_at": rfc3339(found.asked_at),
        "approved_at": rfc3339(found.approved_at) if found.approved_at else None,
        "until": rfc3339(found.until) if found.until else None,
    }


def _row(found: Disclosure, event: ConsentEvent) -> dict[str, Json]:
    party = found.id.bytes + event.consent.party_id.bytes
    return {
        "party": keyed_digest("disclosure", party).hex()[:16],
        "purpose": event.consent.notice.purpose,
        "recipient": event.consent.recipient,
        "notice": event.consent.notice.sha256,
        "version": event.consent.notice.version,
        "state": event.state,
        "by": event.decided_by,
        "signal": event.signal,
        "at": rfc3339(event.decided_at),
        "log": {"index": event.log_entry.index},
    }
