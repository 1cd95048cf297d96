"""Reading notices and consents, as the API and the pages show them."""

from __future__ import annotations

from typing import TypedDict
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet

from dure.core.canonical import Json
from dure.core.clock import rfc3339
from governance.models import Consent, ConsentEvent, ConsentState, Notice


class NoticeDocument(TypedDict):
    """A notice; ``sha256`` is the hash of its canonical content."""

    id: str
    scope: str
    purpose: str
    version: int
    required: bool
    text: dict[str, str]
    retention_days: int
    sha256: str
    published_at: str


class ConsentEventDocument(TypedDict):
    """One decision and its place in the log (None until it is sequenced)."""

    state: str
    at: str
    language: str
    log: dict[str, int | None]


class ConsentDocument(TypedDict):
    """A consent with the decisions that led to its state, oldest first."""

    id: str
    party: str
    scope: str
    purpose: str
    required: bool
    state: str
    decided_at: str
    notice: NoticeDocument
    events: list[ConsentEventDocument]


def notice_content(notice: Notice) -> dict[str, Json]:
    """What the notice's hash is the hash of."""
    return {
        "v": 1,
        "scope": notice.scope,
        "purpose": notice.purpose,
        "version": notice.version,
        "required": notice.required,
        "text": notice.text,
        "retention_days": notice.retention_days,
    }


def latest_notices() -> QuerySet[Notice]:
    """The newest version of every notice."""
    newer = Notice.objects.filter(
        scope=OuterRef("scope"), purpose=OuterRef("purpose"), version__gt=OuterRef("version")
    )
    return Notice.objects.filter(~Exists(newer))


def notices_for(scope: str) -> list[Notice]:
    """The newest notice of each purpose of a scope, required ones first."""
    return list(latest_notices().filter(scope=scope).order_by("-required", "purpose"))


def in_force(*, party_id: UUID, scope: str, purpose: str) -> Consent | None:
    """The consent that allows the use right now; None if it was never given or taken back.

    The party's latest decision about the purpose counts, whichever version of the notice it was
    about: withdrawing needs no knowledge of versions. To be asked at the moment of every use.
    """
    event = (
        ConsentEvent.objects.filter(
            consent__party_id=party_id,
            consent__notice__scope=scope,
            consent__notice__purpose=purpose,
        )
        .select_related("consent__notice")
        .order_by(F("log_entry__origin_seq").desc())
        .first()
    )
    if event is None or event.state != ConsentState.GIVEN:
        return None
    return event.consent


def consents_of(party_id: UUID) -> list[Consent]:
    """Every consent of a party with notice and events, newest first."""
    return list(consents_query(frozenset({party_id})).order_by("-created_at", "id"))


def consents_query(parties: frozenset[UUID]) -> QuerySet[Consent]:
    """Consents of these parties, with what a document of each needs."""
    return (
        Consent.objects.filter(party_id__in=parties)
        .select_related("notice")
        .prefetch_related("events__log_entry")
    )


def notice_document(notice: Notice) -> NoticeDocument:
    """The notice as published."""
    return {
        "id": str(notice.id),
        "scope": notice.scope,
        "purpose": notice.purpose,
        "version": notice.version,
        "required": notice.required,
        "text": notice.text,
        "retention_days": notice.retention_days,
        "sha256": notice.sha256,
        "published_at": rfc3339(notice.published_at),
    }


def consent_document(consent: Consent) -> ConsentDocument:
    """The consent for the party itself."""
    events = sorted(consent.events.all(), key=lambda event: event.position)
    return {
        "id": str(consent.id),
        "party": str(consent.party_id),
        "scope": consent.notice.scope,
        "purpose": consent.notice.purpose,
        "required": consent.notice.required,
        "state": events[-1].state,
        "decided_at": rfc3339(events[-1].decided_at),
        "notice": notice_document(consent.notice),
        "events": [
            {
                "state": event.state,
                "at": rfc3339(event.decided_at),
                "language": event.language,
                "log": {"index": event.log_entry.index},
            }
            for event in events
        ],
    }
