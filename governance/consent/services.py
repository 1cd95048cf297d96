"""Publishing notices; deciding and withdrawing, one purpose at a time."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from dure.accounts.acting import Actor
from dure.accounts.models import Party
from dure.core import clock, outbox
from dure.core.canonical import Json, canonical_hash
from dure.core.ids import new_id
from dure.core.problems import FieldError
from governance.consent import problems
from governance.consent.selectors import notice_content
from governance.log.services import record
from governance.models import Consent, ConsentEvent, ConsentState, Notice

LANGUAGES = ("ko", "en")
TEXT_LENGTH_MAX = 20_000


@transaction.atomic
def publish_notice(
    *,
    acting: Actor,
    scope: str,
    purpose: str,
    required: bool,
    text: Mapping[str, str],
    retention_days: int,
) -> Notice:
    """Publishes the text about one purpose; the same content again answers the same version.

    ``text`` is ``{"ko", "en"}``. Raises the problem NOTICE_UNFIT when one of them is missing.
    """
    words = _checked_text(text)
    if retention_days < 1:
        raise problems.NOTICE_UNFIT.problem(
            errors=[FieldError("retention_days", _("Say for how many days data is kept."))]
        )
    # Two operators publishing at once would otherwise both read the same latest version.
    _lock(f"notice|{scope}|{purpose}")
    latest = Notice.objects.filter(scope=scope, purpose=purpose).order_by("-version").first()
    same = {"required": required, "text": words, "retention_days": retention_days}
    if latest is not None and same == {
        "required": latest.required,
        "text": latest.text,
        "retention_days": latest.retention_days,
    }:
        return latest
    notice = Notice(
        scope=scope,
        purpose=purpose,
        version=1 if latest is None else latest.version + 1,
        required=required,
        text=words,
        retention_days=retention_days,
        published_at=clock.now(),
    )
    notice.sha256 = canonical_hash(notice_content(notice))
    notice.log_entry = record(
        kind="notice.published",
        acting=acting,
        subject=None,
        payload={
            "notice": notice.sha256,
            "scope": scope,
            "purpose": purpose,
            "version": notice.version,
            "required": required,
        },
    )
    notice.save()
    return notice


@transaction.atomic
def decide(
    *, acting: Actor, party_id: UUID, notice: Notice, granted: bool, language: str
) -> Consent:
    """Records a party's decision about the notice as it was shown in ``language``.

    Deciding the same again changes nothing; refusing what was given withdraws it. Raises the
    problems CONSENT_UNKNOWN (somebody else's party) and NOTICE_SUPERSEDED.
    """
    _require_own(acting, party_id)
    _lock_party(party_id)
    if (
        granted
        and Notice.objects.filter(
            scope=notice.scope, purpose=notice.purpose, version__gt=notice.version
        ).exists()
    ):
        raise problems.NOTICE_SUPERSEDED.problem()
    consent = Consent.objects.filter(party_id=party_id, notice=notice).first()
    if consent is None:
        consent = Consent.objects.create(party_id=party_id, notice=notice, created_at=clock.now())
        before = None
    else:
        before = consent.state
    after = _next_state(before, granted=granted)
    if after is not before:
        _append(consent, state=after, acting=acting, language=language)
    return consent


@transaction.atomic
def withdraw(*, acting: Actor, consent: Consent) -> Consent:
    """Takes a given consent back, at once; doing so again changes nothing.

    Raises the problems CONSENT_UNKNOWN (somebody else's) and CONSENT_NOT_GIVEN (refused).
    """
    _require_own(acting, consent.party_id)
    _lock_party(consent.party_id)
    latest = consent.events.order_by("-position")[0]
    if latest.state == ConsentState.REFUSED:
        raise problems.CONSENT_NOT_GIVEN.problem()
    if latest.state == ConsentState.GIVEN:
        _append(consent, state=ConsentState.WITHDRAWN, acting=acting, language=latest.language)
    return consent


def _next_state(before: ConsentState | None, *, granted: bool) -> ConsentState:
    if granted:
        return ConsentState.GIVEN
    if before is ConsentState.GIVEN:
        return ConsentState.WITHDRAWN
    return before or ConsentState.REFUSED


def _append(consent: Consent, *, state: ConsentState, acting: Actor, language: str) -> None:
    """One event, one log entry, one piece of news: all in the caller's transaction."""
    notice, kind = consent.notice, f"consent.{state.value}"
    event_id = new_id()
    entry = record(
        kind=kind,
        acting=acting,
        subject=consent.party_id,
        payload={
            # The random id of the event ties the entry to a receipt and to nothing else.
            "event": str(event_id),
            "notice": notice.sha256,
            "scope": notice.scope,
            "purpose": notice.purpose,
            "language": language,
        },
    )
    ConsentEvent.objects.create(
        id=event_id,
        consent=consent,
        position=consent.events.count() + 1,
        state=state,
        language=language,
        decided_at=entry.recorded_at,
        log_entry=entry,
    )
    news: dict[str, Json] = {
        "party": str(consent.party_id),
        "scope": notice.scope,
        "purpose": notice.purpose,
        "consent": str(consent.id),
    }
    outbox.publish(kind=kind, subject=str(consent.id), payload=news)


def _require_own(acting: Actor, party_id: UUID) -> None:
    # Nobody consents for another: not an operator, not the platform.
    if not acting.acts_for(party_id):
        raise problems.CONSENT_UNKNOWN.problem()


def _lock_party(party_id: UUID) -> None:
    """Orders the decisions of one party, so that the latest is the latest for everybody."""
    Party.objects.select_for_update(no_key=True).get(id=party_id)


def _lock(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def _checked_text(text: Mapping[str, str]) -> dict[str, str]:
    words = {
        language: unicodedata.normalize("NFC", str(text.get(language, ""))).strip()
        for language in LANGUAGES
    }
    errors = [
        FieldError(f"text.{language}", _("Write the notice in this language too."))
        for language, written in words.items()
        if not 0 < len(written) <= TEXT_LENGTH_MAX
    ]
    if errors:
        raise problems.NOTICE_UNFIT.problem(errors=errors)
    return words
