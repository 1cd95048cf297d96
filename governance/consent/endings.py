"""How consents end without the person: by their time, by a mistake of the city, by law."""

from __future__ import annotations

import unicodedata
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core import clock
from dure.core.problems import FieldError
from governance.consent import problems
from governance.consent.events import append, close_notice, expire, lock_party, standing
from governance.consent.selectors import allows
from governance.log.services import record
from governance.models import (
    STANDING,
    Consent,
    ConsentEvent,
    ConsentMeasure,
    ConsentState,
    DecidedBy,
    Notice,
)

REASON_LENGTH_MAX = 2_000
#: On which ground the city may end consents, and how they then end.
GROUNDS: dict[str, ConsentState] = {
    "wrong-notice": ConsentState.INVALIDATED,
    "not-informed": ConsentState.INVALIDATED,
    "no-authority": ConsentState.INVALIDATED,
    "legal-ban": ConsentState.REVOKED,
    "court-order": ConsentState.REVOKED,
    "call-ended": ConsentState.REVOKED,
}
_BATCH = 500


def expire_consents(limit: int = _BATCH) -> int:
    """Ends the consents whose time is over; answers how many. Each is a transaction of its own.

    Nothing depends on how soon it runs, because every use asks for the time too; running it twice,
    or twice at once, ends each consent once. What was renewed is left to its newer version.
    """
    ended = 0
    for consent in list(_past_their_time()[:limit]):
        ended += _expire(consent)
    return ended


@transaction.atomic
def end_consent(*, acting: Actor, consent: Consent, ground: str, reason: str) -> ConsentMeasure:
    """An operator ends one consent, with a reason; ``ground`` is one of GROUNDS.

    Raises the problems NOT_ALLOWED, MEASURE_UNFIT, and CONSENT_NOT_GIVEN where nothing stands.
    """
    measure = _measure(acting, consent.notice, ground, reason)
    measure.consent = consent
    measure.state = ConsentMeasure.State.DONE
    measure.touched = _end_one(measure, acting, consent)
    if not measure.touched:
        raise problems.CONSENT_NOT_GIVEN.problem()
    measure.save(force_insert=True)
    _log_done(measure, acting)
    return measure


@transaction.atomic
def propose_ending(*, acting: Actor, notice: Notice, ground: str, reason: str) -> ConsentMeasure:
    """An operator proposes to end every consent given to a notice; a second person decides.

    Raises the problems NOT_ALLOWED, MEASURE_UNFIT and MEASURE_WAITS.
    """
    measure = _measure(acting, notice, ground, reason)
    try:
        with transaction.atomic():
            measure.save(force_insert=True)
    except IntegrityError:
        raise problems.MEASURE_WAITS.problem() from None
    record(
        kind="consent.measure_proposed",
        acting=acting,
        subject=None,
        payload={
            "measure": str(measure.id),
            "notice": notice.sha256,
            "outcome": measure.outcome,
            "ground": ground,
        },
    )
    return measure


@transaction.atomic
def approve_ending(*, acting: Actor, measure_id: UUID) -> ConsentMeasure:
    """A second person approves; every consent of the notice that stands ends in this transaction.

    Raises the problems NOT_ALLOWED, MEASURE_UNKNOWN (or carried out) and MEASURE_OWN.
    """
    acting.require(Role.APPROVER)
    person = acting.require_person()
    measure = (
        ConsentMeasure.objects.select_for_update(of=("self",))
        .select_related("notice")
        .filter(id=measure_id, state=ConsentMeasure.State.PROPOSED)
        .first()
    )
    if measure is None:
        raise problems.MEASURE_UNKNOWN.problem()
    if measure.proposed_by_id == person.id:
        raise problems.MEASURE_OWN.problem()
    close_notice(measure.notice_id)
    # In the order of the parties, as everybody who locks several does.
    consents = Consent.objects.filter(notice=measure.notice).select_related("notice")
    for consent in consents.order_by("party_id", "recipient").iterator():
        measure.touched += _end_one(measure, acting, consent)
    measure.state = ConsentMeasure.State.DONE
    measure.approved_by, measure.approved_at = person, clock.now()
    measure.save()
    _log_done(measure, acting)
    return measure


def _past_their_time() -> QuerySet[Consent]:
    """Consents whose last event gave them, whose time is over and which nothing newer replaced."""
    last = ConsentEvent.objects.filter(consent=OuterRef("pk")).order_by("-position")
    newest = ConsentEvent.objects.filter(
        consent__party=OuterRef("party"),
        consent__recipient=OuterRef("recipient"),
        consent__notice__scope=OuterRef("notice__scope"),
        consent__notice__purpose=OuterRef("notice__purpose"),
    ).order_by("-log_entry__origin_seq")
    return (
        Consent.objects.filter(
            events__state__in=STANDING,
            events__valid_until__lte=clock.now(),
            events__id=Subquery(last.values("id")[:1]),
        )
        .annotate(newest=Subquery(newest.values("consent")[:1]))
        .filter(newest=F("pk"))
        .select_related("notice")
        .order_by("events__valid_until")
    )


@transaction.atomic
def _expire(consent: Consent) -> int:
    lock_party(consent.party_id)
    last = consent.events.order_by("-position")[0]
    if last.state not in STANDING or allows(last, clock.now()) or not _is_newest(consent):
        return 0
    expire(consent)
    return 1


def _is_newest(consent: Consent) -> bool:
    found = standing(party_id=consent.party_id, notice=consent.notice, recipient=consent.recipient)
    return found == consent


def _end_one(measure: ConsentMeasure, acting: Actor, consent: Consent) -> int:
    lock_party(consent.party_id)
    if not _is_newest(consent):
        return 0
    append(
        consent,
        state=ConsentState(measure.outcome),
        acting=acting,
        language=consent.events.order_by("-position")[0].language,
        decided_by=DecidedBy.CITY,
        ground=measure.ground,
    )
    return 1


def _measure(acting: Actor, notice: Notice, ground: str, reason: str) -> ConsentMeasure:
    acting.require(Role.OPERATOR)
    words = unicodedata.normalize("NFC", reason).strip()
    if ground not in GROUNDS:
        raise problems.MEASURE_UNFIT.problem(
            errors=[FieldError("ground", _("Choose one of the grounds."), "unknown")]
        )
    if not 0 < len(words) <= REASON_LENGTH_MAX or "\x00" in words:
        raise problems.MEASURE_UNFIT.problem(
            errors=[FieldError("reason", _("Give a reason."), "length")]
        )
    return ConsentMeasure(
        notice=notice,
        outcome=GROUNDS[ground].value,
        ground=ground,
        reason=words,
        proposed_by=acting.require_person(),
        proposed_at=clock.now(),
    )


def _log_done(measure: ConsentMeasure, acting: Actor) -> None:
    record(
        kind="consent.measure_approved",
        acting=acting,
        subject=None,
        payload={
            "measure": str(measure.id),
            "notice": measure.notice.sha256,
            "outcome": measure.outcome,
            "touched": measure.touched,
        },
    )
