"""Publishing notices; deciding and withdrawing, one purpose at a time."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from dure.accounts.acting import Actor
from dure.accounts.models import Organisation
from dure.core import clock
from dure.core.canonical import Json, canonical_hash
from dure.core.problems import FieldError
from governance.consent import problems
from governance.consent.authority import decides_as
from governance.consent.events import append, expire, lock_party, standing, stays_open
from governance.consent.selectors import (
    allows,
    latest_event,
    notice_content,
    undecided_disclosures,
)
from governance.log.services import record
from governance.models import STANDING, Consent, ConsentState, DecidedBy, Notice

LANGUAGES = ("ko", "en")
TEXT_LENGTH_MAX = 20_000
REACHED_LENGTH_MAX = 200
_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,63}", re.ASCII)


@transaction.atomic
def publish_notice(
    *,
    acting: Actor,
    scope: str,
    purpose: str,
    required: bool,
    text: Mapping[str, str],
    retention_days: int,
    recipients: Sequence[Mapping[str, Json]] = (),
    data: Sequence[Mapping[str, str]] = (),
) -> Notice:
    """Publishes the text about one purpose; the same content again answers the same version.

    ``text`` is ``{"ko", "en"}``; ``recipients`` are third parties, each decided on by itself:
    ``{"key", "name": {"ko", "en"}}``, where known with ``address`` and ``contact``, and with
    ``organisation`` (its party) where it is registered here: only then can anything reach it;
    ``data`` names the kinds of data, ``{"ko", "en"}`` each.
    Raises the problem NOTICE_UNFIT when something is missing.
    """
    words = _checked_text(text)
    named = checked_recipients(recipients)
    kinds = [_checked_text(kind, field=f"data[{place}]") for place, kind in enumerate(data)]
    if retention_days < 1:
        raise problems.NOTICE_UNFIT.problem(
            errors=[FieldError("retention_days", _("Say for how many days data is kept."))]
        )
    _check_same_organisations(scope, named)
    # Two operators publishing at once would otherwise both read the same latest version.
    _lock(f"notice|{scope}|{purpose}")
    latest = Notice.objects.filter(scope=scope, purpose=purpose).order_by("-version").first()
    same = {
        "required": required,
        "text": words,
        "retention_days": retention_days,
        "recipients": named,
        "data": kinds,
    }
    if latest is not None and all(getattr(latest, name) == same[name] for name in same):
        return latest
    notice = Notice(
        scope=scope,
        purpose=purpose,
        version=1 if latest is None else latest.version + 1,
        published_at=clock.now(),
        **same,
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
    *,
    acting: Actor,
    party_id: UUID,
    notice: Notice,
    granted: bool,
    language: str,
    recipient: str = "",
) -> Consent:
    """Records a decision about the notice as it was shown in ``language``, for one recipient.

    ``recipient`` is the key of a third party that the notice names; empty is the city's own use.
    Agreeing to a newer notice renews what was agreed to on an older one; deciding the same again
    changes nothing; refusing what was given withdraws it. Raises the problems CONSENT_UNKNOWN
    (somebody else's party), GUARDIAN_NEEDED, NOTICE_SUPERSEDED, NOTICE_ENDED, RECIPIENT_UNKNOWN
    and CONSENT_REVOKED.
    """
    decided_by = decides_as(acting, party_id, granting=granted)
    if recipient and recipient not in {named["key"] for named in notice.recipients}:
        raise problems.RECIPIENT_UNKNOWN.problem()
    lock_party(party_id)
    if granted and _newer_than(notice).exists():
        raise problems.NOTICE_SUPERSEDED.problem()
    if granted and not stays_open(notice):
        raise problems.NOTICE_ENDED.problem()
    before = standing(party_id=party_id, notice=notice, recipient=recipient)
    if before is not None and not allows(before.latest, clock.now()):
        expire(before)
        before = None
    if not granted and before is not None:
        return _end(before, acting=acting, decided_by=decided_by)
    consent = _handle(party_id, notice, recipient)
    state = _next_state(consent, before, granted=granted)
    if state is not None:
        append(consent, state=state, acting=acting, language=language, decided_by=decided_by)
    return consent


@transaction.atomic
def withdraw(*, acting: Actor, consent: Consent) -> Consent:
    """Takes a given consent back, at once; doing so again changes nothing.

    Whichever version of the notice ``consent`` is about, what is in force for its purpose and
    recipient ends. A guardian's withdrawal is recorded as ``revoked`` by the guardian. Raises the
    problems CONSENT_UNKNOWN (somebody else's) and CONSENT_NOT_GIVEN (refused).
    """
    decided_by = decides_as(acting, consent.party_id, granting=False)
    lock_party(consent.party_id)
    now_standing = standing(
        party_id=consent.party_id, notice=consent.notice, recipient=consent.recipient
    )
    if now_standing is not None:
        _end(now_standing, acting=acting, decided_by=decided_by)
    elif consent.events.order_by("-position")[0].state == ConsentState.REFUSED:
        raise problems.CONSENT_NOT_GIVEN.problem()
    return consent


@transaction.atomic
def honour_signal(*, acting: Actor, party_id: UUID, scope: str, language: str) -> int:
    """Refuses, for a request that carries Global Privacy Control, what it objects to.

    Objected to is every optional disclosure to a third party on which the party has not decided;
    what somebody decided in so many words, before or later, stands. Answers how many refusals
    were recorded. Does nothing without the signal.
    """
    if not acting.signal:
        return 0
    decided_by = decides_as(acting, party_id, granting=False)
    lock_party(party_id)
    refused = 0
    for notice, recipient in undecided_disclosures(party_id=party_id, scope=scope):
        append(
            _handle(party_id, notice, recipient),
            state=ConsentState.REFUSED,
            acting=acting,
            language=language,
            decided_by=decided_by,
            ground="gpc",
        )
        refused += 1
    return refused


def _newer_than(notice: Notice) -> QuerySet[Notice]:
    return Notice.objects.filter(
        scope=notice.scope, purpose=notice.purpose, version__gt=notice.version
    )


def _handle(party_id: UUID, notice: Notice, recipient: str) -> Consent:
    consent, _created = Consent.objects.get_or_create(
        party_id=party_id,
        notice=notice,
        recipient=recipient,
        defaults={"created_at": clock.now()},
    )
    return consent


def _next_state(consent: Consent, before: Consent | None, *, granted: bool) -> ConsentState | None:
    """What a decision makes of a consent; None where it changes nothing."""
    own = consent.events.order_by("-position").first()
    if not granted:
        return ConsentState.REFUSED if own is None else None
    if own is None:
        older = latest_event(
            party_id=consent.party_id,
            scope=consent.notice.scope,
            purpose=consent.notice.purpose,
            recipient=consent.recipient,
        )
        renews = before is not None or (older is not None and older.state == ConsentState.EXPIRED)
        return ConsentState.RENEWED if renews else ConsentState.GIVEN
    if own.state in STANDING:
        return None
    if own.state == ConsentState.REVOKED and own.ground != DecidedBy.GUARDIAN:
        raise problems.CONSENT_REVOKED.problem()
    return ConsentState.GIVEN


def _end(consent: Consent, *, acting: Actor, decided_by: DecidedBy) -> Consent:
    by_guardian = decided_by is DecidedBy.GUARDIAN
    append(
        consent,
        state=ConsentState.REVOKED if by_guardian else ConsentState.WITHDRAWN,
        acting=acting,
        language=consent.latest.language,
        decided_by=decided_by,
        ground="guardian" if by_guardian else "",
    )
    return consent


def _lock(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def checked_recipients(recipients: Sequence[Mapping[str, Json]]) -> list[dict[str, Json]]:
    """Recipients with a key of their own each and a name in both languages, or NOTICE_UNFIT."""
    named: list[dict[str, Json]] = []
    for place, recipient in enumerate(recipients):
        key, name = str(recipient.get("key", "")), recipient.get("name")
        repeated = key in {before["key"] for before in named}
        if _KEY.fullmatch(key) is None or repeated or not isinstance(name, Mapping):
            raise problems.NOTICE_UNFIT.problem(
                errors=[
                    FieldError(
                        f"recipients[{place}]",
                        _("Give each recipient a key of its own and a name."),
                    )
                ]
            )
        texts = {language: str(name.get(language, "")) for language in LANGUAGES}
        one: dict[str, Json] = {
            "key": key,
            "name": dict(_checked_text(texts, field=f"recipients[{place}].name")),
        }
        for option in ("address", "contact"):
            words = unicodedata.normalize("NFC", str(recipient.get(option) or "")).strip()
            if len(words) > REACHED_LENGTH_MAX:
                raise problems.NOTICE_UNFIT.problem(
                    errors=[
                        FieldError(
                            f"recipients[{place}].{option}", _("Use at most 200 characters.")
                        )
                    ]
                )
            # Named only where known, so that the hashes of notices without them stay.
            if words:
                one[option] = words
        if recipient.get("organisation"):
            one["organisation"] = _organisation(recipient["organisation"], place)
        named.append(one)
    return named


def _organisation(value: Json, place: int) -> str:
    """The identifier of an organisation's party as it is written, or NOTICE_UNFIT."""
    try:
        party = UUID(str(value))
    except ValueError:
        party = None
    if party is None or not Organisation.objects.filter(party_id=party).exists():
        raise problems.NOTICE_UNFIT.problem(
            errors=[
                FieldError(
                    f"recipients[{place}].organisation", _("There is no such organisation here.")
                )
            ]
        )
    return str(party)


def _check_same_organisations(scope: str, named: Sequence[Mapping[str, Json]]) -> None:
    """A key means one organisation for good, so that no consent comes to be about another."""
    earlier = Notice.objects.filter(scope=scope).exclude(recipients=[])
    tied = {
        recipient["key"]: recipient["organisation"]
        for recipients in earlier.values_list("recipients", flat=True)
        for recipient in recipients
        if "organisation" in recipient
    }
    for place, recipient in enumerate(named):
        organisation = recipient.get("organisation")
        if organisation and tied.get(recipient["key"], organisation) != organisation:
            raise problems.NOTICE_UNFIT.problem(
                errors=[
                    FieldError(
                        f"recipients[{place}].organisation",
                        _("This key was another organisation before. Give a new key."),
                    )
                ]
            )


def _checked_text(text: Mapping[str, str], *, field: str = "text") -> dict[str, str]:
    words = {
        language: unicodedata.normalize("NFC", str(text.get(language, ""))).strip()
        for language in LANGUAGES
    }
    errors = [
        FieldError(f"{field}.{language}", _("Write the notice in this language too."))
        for language, written in words.items()
        if not 0 < len(written) <= TEXT_LENGTH_MAX
    ]
    if errors:
        raise problems.NOTICE_UNFIT.problem(errors=errors)
    return words
