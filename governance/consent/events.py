"""Writing one consent event: the fact, its entry in the log and the news, in one transaction."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from dure.accounts.acting import Actor
from dure.accounts.guardians import turns_fourteen_at
from dure.accounts.models import Party
from dure.core import clock, outbox
from dure.core.canonical import Json
from dure.core.ids import new_id
from governance.consent.selectors import latest_event
from governance.log.services import record
from governance.models import (
    STANDING,
    Consent,
    ConsentEvent,
    ConsentMeasure,
    ConsentState,
    DecidedBy,
    Notice,
    Signal,
)

CLOCK = Actor.system("consent")


def append(
    consent: Consent,
    *,
    state: ConsentState,
    acting: Actor,
    language: str,
    decided_by: DecidedBy = DecidedBy.SELF,
    ground: str = "",
) -> ConsentEvent:
    """The next event of a consent; the caller holds the party's lock and has checked who decides.

    News goes out under the name of the state; what ended in whatever way also says so as
    ``consent.ended``, so that a room can follow every end alike.
    """
    notice, kind = consent.notice, f"consent.{state.value}"
    event_id = new_id()
    payload: dict[str, Json] = {
        # The random id of the event ties the entry to a receipt and to nothing else.
        "event": str(event_id),
        "notice": notice.sha256,
        "scope": notice.scope,
        "purpose": notice.purpose,
        "language": language,
    }
    said = {
        "recipient": consent.recipient,
        "by": "" if decided_by is DecidedBy.SELF else decided_by.value,
        "ground": ground,
        "signal": acting.signal,
    }
    payload |= {name: value for name, value in said.items() if value}
    entry = record(kind=kind, acting=acting, subject=consent.party_id, payload=payload)
    event = ConsentEvent.objects.create(
        id=event_id,
        consent=consent,
        position=consent.events.count() + 1,
        state=state,
        language=language,
        decided_at=entry.recorded_at,
        valid_until=_valid_until(consent, entry.recorded_at, decided_by)
        if state in STANDING
        else None,
        decided_by=decided_by,
        ground=ground,
        signal=Signal(acting.signal),
        log_entry=entry,
    )
    news: dict[str, Json] = {
        "party": str(consent.party_id),
        "scope": notice.scope,
        "purpose": notice.purpose,
        "consent": str(consent.id),
    }
    if consent.recipient:
        news["recipient"] = consent.recipient
    outbox.publish(kind=kind, subject=str(consent.id), payload=news)
    if state not in (*STANDING, ConsentState.REFUSED):
        outbox.publish(kind="consent.ended", subject=str(consent.id), payload=news)
    return event


def standing(*, party_id: UUID, notice: Notice, recipient: str) -> Consent | None:
    """The consent that the party's latest decision about purpose and recipient gave, if it did.

    Unlike ``in_force`` it does not ask whether its time is over: the sweep has yet to end those.
    """
    event = latest_event(
        party_id=party_id, scope=notice.scope, purpose=notice.purpose, recipient=recipient
    )
    return event.consent if event is not None and event.state in STANDING else None


def expire(consent: Consent) -> None:
    """Writes down that the time of a standing consent is over; the caller has made sure it is."""
    last = consent.events.order_by("-position")[0]
    assert last.valid_until is not None, "what stands has an end"
    short = (last.valid_until - last.decided_at).days < consent.notice.retention_days
    append(
        consent,
        state=ConsentState.EXPIRED,
        acting=CLOCK,
        language=last.language,
        decided_by=DecidedBy.PLATFORM,
        # A guardian's decision ends before its time as the child's own word begins to count.
        ground="turned-14" if last.decided_by == DecidedBy.GUARDIAN and short else "time-over",
    )


def lock_party(party_id: UUID) -> None:
    """Orders the decisions of one party, so that the latest is the latest for everybody."""
    Party.objects.select_for_update(no_key=True).get(id=party_id)


def stays_open(notice: Notice) -> bool:
    """Whether a notice may be agreed to until the caller's transaction ends.

    Nobody waits here: where the consents to it are just being ended, it may not.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock_shared(hashtextextended(%s, 0))", [_key(notice.id)]
        )
        (mine,) = cursor.fetchone()
    ended = ConsentMeasure.objects.filter(
        notice=notice, consent=None, state=ConsentMeasure.State.DONE
    )
    return bool(mine) and not ended.exists()


def close_notice(notice_id: UUID) -> None:
    """Waits for those who are agreeing to a notice, and lets nobody begin."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [_key(notice_id)])


def _key(notice_id: UUID) -> str:
    return f"consent-notice:{notice_id}"


def _valid_until(consent: Consent, decided_at: datetime, decided_by: DecidedBy) -> datetime:
    """The end of what was agreed to; what a guardian decided ends with the guardian's authority."""
    until = decided_at + timedelta(days=consent.notice.retention_days)
    if decided_by is DecidedBy.GUARDIAN:
        own_word = turns_fourteen_at(consent.party_id)
        if own_word is not None and own_word > clock.now():
            until = min(until, own_word)
    return until
