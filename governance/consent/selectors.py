"""Reading notices and consents, as the API and the pages show them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from django.db import connection
from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet

from dure.core import clock
from dure.core.canonical import Json
from dure.core.clock import rfc3339
from governance.models import STANDING, Consent, ConsentEvent, Notice
from governance.rights.restriction import restricted_parties, restricted_since

#: A party's latest decision about each purpose, and whether its data is restricted.
LATEST = """
SELECT DISTINCT ON (notice.purpose) notice.purpose, event.state, event.valid_until, EXISTS (
    SELECT FROM governance_restriction stopped
    WHERE stopped.party_id = %s AND stopped.lifted_at IS NULL
)
FROM governance_consentevent event
JOIN governance_consent consent ON consent.id = event.consent_id
JOIN governance_notice notice ON notice.id = consent.notice_id
JOIN governance_logentry entry ON entry.id = event.log_entry_id
WHERE consent.party_id = %s AND consent.recipient = ''
  AND notice.scope = %s AND notice.purpose = ANY(%s)
ORDER BY notice.purpose, entry.origin_seq DESC
"""


class NoticeDocument(TypedDict):
    """A notice; ``sha256`` is the hash of its canonical content."""

    id: str
    scope: str
    purpose: str
    version: int
    required: bool
    text: dict[str, str]
    recipients: list[dict[str, Any]]  # Any: a key and a name in both languages
    data: list[dict[str, str]]
    retention_days: int
    sha256: str
    published_at: str


class ConsentEventDocument(TypedDict):
    """One decision and its place in the log (None until it is sequenced).

    ``by`` is the role of whoever decided; ``signal`` is ``gpc`` where the request carried it.
    """

    state: str
    at: str
    language: str
    valid_until: str | None
    by: str
    ground: str
    signal: str
    log: dict[str, int | None]


class ConsentDocument(TypedDict):
    """A consent with the decisions that led to its state, oldest first."""

    id: str
    party: str
    scope: str
    purpose: str
    recipient: str
    required: bool
    state: str
    decided_at: str
    valid_until: str | None
    notice: NoticeDocument
    events: list[ConsentEventDocument]


def notice_content(notice: Notice) -> dict[str, Json]:
    """What the notice's hash is the hash of."""
    content: dict[str, Json] = {
        "v": 1,
        "scope": notice.scope,
        "purpose": notice.purpose,
        "version": notice.version,
        "required": notice.required,
        "text": notice.text,
        "retention_days": notice.retention_days,
    }
    # Named only where there are some, so that the hashes of notices without them stay.
    if notice.recipients:
        content["recipients"] = notice.recipients
    if notice.data:
        content["data"] = notice.data
    return content


def latest_notices() -> QuerySet[Notice]:
    """The newest version of every notice."""
    newer = Notice.objects.filter(
        scope=OuterRef("scope"), purpose=OuterRef("purpose"), version__gt=OuterRef("version")
    )
    return Notice.objects.filter(~Exists(newer))


def notices_for(scope: str) -> list[Notice]:
    """The newest notice of each purpose of a scope, required ones first."""
    return list(latest_notices().filter(scope=scope).order_by("-required", "purpose"))


def in_force(*, party_id: UUID, scope: str, purpose: str, recipient: str = "") -> Consent | None:
    """The consent that allows the use right now; None if it was never given or is over.

    The party's latest decision about purpose and recipient counts, whichever version of the notice
    it was about: withdrawing needs no knowledge of versions. A consent past its time is over
    before the sweep says so, and while a party's data is restricted nothing is allowed. To be
    asked at the moment of every use.
    """
    # Decision and restriction in one statement: each stage of each contribution asks.
    event = (
        _decisions(party_id, scope, purpose, recipient)
        .annotate(restricted=Exists(restricted_parties().filter(party_id=party_id)))
        .first()
    )
    if event is None or not allows(event, clock.now()) or event.restricted:
        return None
    return event.consent


def purposes_in_force(*, party_id: UUID, scope: str, purposes: Iterable[str]) -> set[str]:
    """Those of the purposes whose use a party allows right now, as ``in_force`` decides it.

    Every stage of every contribution asks, so it is one statement in PostgreSQL's own words.
    """
    moment = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(LATEST, [party_id, party_id, scope, list(purposes)])
        return {
            purpose
            for purpose, state, valid_until, restricted in cursor.fetchall()
            if state in STANDING
            and (valid_until is None or moment < valid_until)
            and not restricted
        }


def latest_event(
    *, party_id: UUID, scope: str, purpose: str, recipient: str = ""
) -> ConsentEvent | None:
    """A party's latest decision about a purpose and a recipient."""
    return _decisions(party_id, scope, purpose, recipient).first()


def _decisions(
    party_id: UUID, scope: str, purpose: str, recipient: str
) -> QuerySet[ConsentEvent, ConsentEvent]:
    """A party's decisions about a purpose and a recipient, the latest first."""
    return (
        ConsentEvent.objects.filter(
            consent__party_id=party_id,
            consent__recipient=recipient,
            consent__notice__scope=scope,
            consent__notice__purpose=purpose,
        )
        .select_related("consent__notice")
        .order_by(F("log_entry__origin_seq").desc())
    )


def allows(event: ConsentEvent, moment: datetime) -> bool:
    """Whether an event, as the latest, allows a use at a moment."""
    return event.state in STANDING and (event.valid_until is None or moment < event.valid_until)


def consenting_parties(
    *, scope: str, purpose: str, recipient: str = ""
) -> QuerySet[ConsentEvent, UUID]:
    """Identifiers of the parties for whom ``in_force`` holds now, as a subquery."""
    latest = (
        ConsentEvent.objects.filter(
            consent__recipient=recipient,
            consent__notice__scope=scope,
            consent__notice__purpose=purpose,
        )
        .order_by("consent__party", "-log_entry__origin_seq")
        .distinct("consent__party")
    )
    return (
        ConsentEvent.objects.filter(
            id__in=latest.values("id"), state__in=STANDING, valid_until__gt=clock.now()
        )
        .exclude(consent__party__in=restricted_parties())
        .values_list("consent__party", flat=True)
    )


def not_consenting_since(
    *, parties: Collection[UUID], scope: str, purpose: str, recipient: str = ""
) -> datetime | None:
    """The first moment since which one of these parties does not allow a use; None if all do.

    Of each party its latest decision counts, its time, and a restriction that is on.
    """
    latest = (
        ConsentEvent.objects.filter(
            consent__party__in=parties,
            consent__recipient=recipient,
            consent__notice__scope=scope,
            consent__notice__purpose=purpose,
        )
        .order_by("consent__party", "-log_entry__origin_seq")
        .distinct("consent__party")
    )
    found = ConsentEvent.objects.filter(id__in=latest.values("id")).aggregate(
        said=Min("decided_at", filter=~Q(state__in=STANDING)),
        over=Min("valid_until", filter=Q(state__in=STANDING, valid_until__lte=clock.now())),
    )
    moments = [*found.values(), restricted_since(parties)]
    return min((moment for moment in moments if moment is not None), default=None)


def undecided_disclosures(
    *, party_id: UUID, scope: str, required: bool = False
) -> list[tuple[Notice, str]]:
    """Disclosures to third parties on which a party has never decided.

    Of optional purposes; with ``required`` also of those nobody can contribute without: who
    receives the data is everybody's own decision there too.
    """
    return [
        (notice, recipient["key"])
        for notice in notices_for(scope)
        if required or not notice.required
        for recipient in notice.recipients
        if latest_event(
            party_id=party_id, scope=scope, purpose=notice.purpose, recipient=recipient["key"]
        )
        is None
    ]


def consents_of(party_id: UUID) -> list[Consent]:
    """Every consent of a party with notice and events, newest first."""
    return list(consents_query(frozenset({party_id})).order_by("-created_at", "id"))


def consents_query(parties: frozenset[UUID]) -> QuerySet[Consent]:
    """Consents of these parties, with what a document of each needs."""
    return (
        Consent.objects.filter(party_id__in=parties)
        .select_related("notice")
        .prefetch_related("events__log_entry__place")
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
        "recipients": notice.recipients,
        "data": notice.data,
        "retention_days": notice.retention_days,
        "sha256": notice.sha256,
        "published_at": rfc3339(notice.published_at),
    }


def consent_document(consent: Consent) -> ConsentDocument:
    """The consent for the party itself."""
    events = sorted(consent.events.all(), key=lambda event: event.position)
    last = events[-1]
    over = last.state in STANDING and not allows(last, clock.now())
    return {
        "id": str(consent.id),
        "party": str(consent.party_id),
        "scope": consent.notice.scope,
        "purpose": consent.notice.purpose,
        "recipient": consent.recipient,
        "required": consent.notice.required,
        # What is past its time is over for its person too, a little before the sweep says so.
        "state": "expired" if over else last.state,
        "decided_at": rfc3339(last.decided_at),
        "valid_until": rfc3339(last.valid_until) if last.valid_until else None,
        "notice": notice_document(consent.notice),
        "events": [
            {
                "state": event.state,
                "at": rfc3339(event.decided_at),
                "language": event.language,
                "valid_until": rfc3339(event.valid_until) if event.valid_until else None,
                "by": event.decided_by,
                "ground": event.ground,
                "signal": event.signal,
                "log": {"index": event.log_entry.index},
            }
            for event in events
        ],
    }
