"""Asking, objecting and answering; each step leaves its entry in the log."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from importlib import import_module
from uuid import UUID

from django.db import IntegrityError, transaction

from dure.accounts.acting import Actor
from dure.accounts.models import Party
from dure.accounts.roles import Role
from dure.core import outbox, sealing
from dure.core.ids import new_id
from dure.core.nudge import nudge
from dure.core.problems import FieldError, ProblemKind
from governance.log.services import record
from governance.models import (
    Erasure,
    LogEntry,
    Objection,
    RequestState,
    Restriction,
    RestrictionGround,
    RightKind,
    RightsRequest,
)
from governance.models.rights import OUTCOMES
from governance.registries import (
    Lifting,
    data_holders,
    decision_makers,
    decision_subjects,
    farewells,
    granted_parts,
)
from governance.rights import appeals, clocks, problems
from governance.rights.restriction import stopped_since

TEXT_CONTEXT = "governance.rights.text"
REASON_CONTEXT = "governance.rights.reason"
TEXT_LENGTH_MAX = 4_000
#: Answered by the platform itself, because nothing about them is for anybody to weigh.
AUTOMATIC = (RightKind.ACCESS, RightKind.EXPORT)
#: What stops every use from the request on, and on which ground.
RESTRICTING: dict[str, RestrictionGround] = {
    RightKind.ERASURE: RestrictionGround.ERASURE,
    RightKind.RESTRICTION: RestrictionGround.REQUEST,
    RightKind.OBJECTION: RestrictionGround.OBJECTION,
}


@transaction.atomic
def request_right(
    *,
    acting: Actor,
    kind: str,
    text: str = "",
    party_id: UUID | None = None,
    farewell: Mapping[str, Mapping[str, str]] | None = None,
) -> RightsRequest:
    """Takes a request and starts its legal clock; what must stop, stops in this transaction.

    ``farewell`` is what somebody who wants to be erased says to the rooms that ask them
    (governance.registries.farewells), by name. Raises the problems REQUEST_UNKNOWN (somebody
    else's party), REQUEST_OPEN, TEXT_UNFIT, FAREWELL_UNFIT and those of the rooms.
    """
    party = _own_party(acting, party_id, problems.REQUEST_UNKNOWN)
    words = _checked(text, required=kind not in AUTOMATIC and kind != RightKind.ERASURE)
    entry = _log_receipt("rights.received", acting, party, kind, {"right": kind})
    request = RightsRequest(
        id=new_id(),
        party_id=party,
        kind=RightKind(kind).value,
        text=sealing.seal(owner=party, plaintext=words.encode(), context=TEXT_CONTEXT),
        received_at=entry.recorded_at,
        due_at=clocks.due_at(kind, entry.recorded_at),
        log_entry=entry,
    )
    try:
        with transaction.atomic():
            request.save(force_insert=True)
    except IntegrityError:
        raise problems.REQUEST_OPEN.problem() from None
    _say_farewell(acting, party, kind, farewell or {})
    if kind in RESTRICTING:
        restrict(acting=acting, party_id=party, ground=RESTRICTING[kind])
    if kind in AUTOMATIC:
        transaction.on_commit(_nudge)
    return request


def _say_farewell(
    acting: Actor, party: UUID, kind: str, farewell: Mapping[str, Mapping[str, str]]
) -> None:
    for about, said in farewell.items():
        room = farewells.get(about)
        if kind != RightKind.ERASURE or room is None:
            raise problems.FAREWELL_UNFIT.problem(
                errors=[FieldError(about, problems.FAREWELL_UNFIT.title)]
            )
        room.wish(acting, party, said)


@transaction.atomic
def object(  # the word of the law; called as services.object
    *, acting: Actor, subject_kind: str, subject_id: str, text: str, party_id: UUID | None = None
) -> Objection:
    """Takes an objection to one decision and starts the thirty days in which a human answers.

    ``subject_kind`` is a name in governance.registries.decision_subjects. Raises the problems
    SUBJECT_UNKNOWN, OBJECTION_OPEN and TEXT_UNFIT.
    """
    party = _own_party(acting, party_id, problems.OBJECTION_UNKNOWN)
    concerns = decision_subjects.get(subject_kind)
    if concerns is None or not concerns(party, subject_id):
        raise problems.SUBJECT_UNKNOWN.problem()
    words = _checked(text, required=True)
    entry = _log_receipt(
        "objection.received", acting, party, "objection", {"subject_kind": subject_kind}
    )
    objection = Objection(
        id=new_id(),
        party_id=party,
        subject_kind=subject_kind,
        subject_id=subject_id,
        text=sealing.seal(owner=party, plaintext=words.encode(), context=TEXT_CONTEXT),
        received_at=entry.recorded_at,
        due_at=clocks.due_at("objection", entry.recorded_at),
        log_entry=entry,
    )
    try:
        with transaction.atomic():
            objection.save(force_insert=True)
    except IntegrityError:
        raise problems.OBJECTION_OPEN.problem() from None
    return objection


@transaction.atomic
def answer_request(
    *, acting: Actor, request: RightsRequest, outcome: str, reason: str
) -> RightsRequest:
    """An operator's answer with its reason, for good; a granted erasure is carried out after it.

    What the question stopped stays stopped where it was granted. Where it was not, use goes on only
    once the person was told (``work.lift_when_told``). Raises the problems NOT_ALLOWED,
    OWN_REQUEST, ANSWERED_ALREADY and TEXT_UNFIT.
    """
    locked = RightsRequest.objects.select_for_update(of=("self",)).get(id=request.id)
    _answer(locked, acting, outcome, reason, log_kind="rights.answered", right=locked.kind)
    if locked.kind == RightKind.ERASURE and outcome == RequestState.GRANTED:
        transaction.on_commit(_nudge)
    return locked


@transaction.atomic
def answer_objection(
    *, acting: Actor, objection: Objection, outcome: str, reason: str, amount: str = ""
) -> Objection:
    """An operator's answer to an objection, by nobody who took part in the decision.

    A granted objection to the answer of a request opens that request again. ``amount`` says how
    much an objection gives back that is granted in part, as it was typed; the room of the decision
    reads it. Raises what ``answer_request`` raises, OWN_DECISION, AMOUNT_UNFIT, and what that room
    raises.
    """
    locked = Objection.objects.select_for_update(of=("self",)).get(id=objection.id)
    made_by = decision_makers.get(locked.subject_kind)
    if acting.person is not None and made_by and acting.person.id in made_by(locked.subject_id):
        raise problems.OWN_DECISION.problem()
    part = granted_parts.get(locked.subject_kind) if outcome == RequestState.PARTLY else None
    if amount and part is None:
        raise problems.AMOUNT_UNFIT.problem(
            errors=[FieldError("amount", problems.AMOUNT_UNFIT.advice)]
        )
    _answer(locked, acting, outcome, reason, log_kind="objection.answered", right="objection")
    if locked.subject_kind == appeals.SUBJECT and outcome == RequestState.GRANTED:
        _open_again(locked)
    if amount and part is not None:
        part(acting, locked, amount)
    return locked


def _open_again(appeal: Objection) -> None:
    """The request whose refusal did not stand, as a new one with the same words."""
    before = appeals.refused(appeal.party_id, appeal.subject_id)
    party, kind = appeal.party_id, before.kind if before else ""
    open_ones = RightsRequest.objects.filter(party_id=party, kind=kind, state=RequestState.RECEIVED)
    if before is None or open_ones.exists():
        return
    acting = Actor.system("rights")
    entry = _log_receipt("rights.received", acting, party, kind, {"right": kind})
    RightsRequest.objects.create(
        id=new_id(),
        party_id=party,
        kind=kind,
        text=before.text,
        received_at=entry.recorded_at,
        due_at=clocks.due_at(kind, entry.recorded_at),
        log_entry=entry,
    )
    if kind in RESTRICTING:
        restrict(acting=acting, party_id=party, ground=RESTRICTING[kind])


@transaction.atomic
def restrict(*, acting: Actor, party_id: UUID, ground: RestrictionGround) -> Restriction:
    """Stops every use of a party's data, in every room, in this transaction.

    From this commit on no consent of the party allows anything. A second time on the same ground
    changes nothing.
    """
    Party.objects.select_for_update(no_key=True).get(id=party_id)
    found = Restriction.objects.filter(party_id=party_id, ground=ground, lifted_at=None).first()
    if found is None:
        entry = record(
            kind="rights.restricted",
            acting=acting,
            subject=party_id,
            payload={"ground": ground.value},
        )
        found = Restriction.objects.create(
            party_id=party_id, ground=ground, since=entry.recorded_at, log_entry=entry
        )
    for _name, holder in data_holders.items():
        holder.restrict(party_id)
    # Whatever was given out is called back just as after a withdrawal.
    outbox.publish(kind="party.restricted", subject=str(party_id), payload={"party": str(party_id)})
    return found


@transaction.atomic
def lift_restriction(*, acting: Actor, party_id: UUID, ground: RestrictionGround) -> bool:
    """Ends a restriction on one ground; answers whether there was one.

    Data is used again, where consents allow it, once no ground is left. The person lifts what they
    asked for themselves, and what an objection of theirs that was granted stopped; what a refused
    request stopped, the platform lifts after its answer. Raises the problem REQUEST_UNKNOWN for
    anybody else.
    """
    own = acting.acts_for(party_id) and theirs_to_lift(party_id, ground)
    if not own and acting.person is not None and not acting.has(Role.OPERATOR):
        raise problems.REQUEST_UNKNOWN.problem()
    if acting.has(Role.OPERATOR) and ground == RestrictionGround.REQUEST and not own:
        # What a person asked for ends by that person's word alone.
        raise problems.REQUEST_UNKNOWN.problem()
    Party.objects.select_for_update(no_key=True).get(id=party_id)
    if ground == RestrictionGround.ERASURE and _is_leaving(party_id):
        return False
    open_ones = Restriction.objects.filter(party_id=party_id, lifted_at=None)
    found = open_ones.filter(ground=ground).first()
    if found is None:
        return False
    entry = record(
        kind="rights.restriction_lifted",
        acting=acting,
        subject=party_id,
        payload={"ground": ground.value},
    )
    found.lifted_at = entry.recorded_at
    found.save(update_fields=["lifted_at"])
    if not open_ones.exists():
        for _name, holder in data_holders.items():
            if isinstance(holder, Lifting):
                holder.lift(party_id, stopped_since(found))
    return True


def theirs_to_lift(party_id: UUID, ground: str) -> bool:
    """Whether a person ends a restriction by their own word: no answer to them is waited for."""
    if ground == RestrictionGround.OBJECTION:
        asked = RightsRequest.objects.filter(party_id=party_id, kind=RightKind.OBJECTION)
        return not asked.filter(state=RequestState.RECEIVED).exists()
    return ground == RestrictionGround.REQUEST


def _is_leaving(party_id: UUID) -> bool:
    """An erasure that began is not stopped any more."""
    return Erasure.objects.filter(party_id=party_id).exists()


def settle(
    asked: RightsRequest | Objection,
    *,
    acting: Actor,
    outcome: str,
    reason: str,
    log_kind: str,
    right: str,
) -> None:
    """Writes the answer down and into the log; the caller has checked who answers."""
    entry = record(
        kind=log_kind,
        acting=acting,
        subject=asked.party_id,
        payload={"request": str(asked.id), "right": right, "outcome": outcome},
    )
    asked.state = RequestState(outcome).value
    asked.answered_at = entry.recorded_at
    asked.answered_by = acting.person
    asked.answered_by_party = acting.person.party_id if acting.person else None
    asked.reason = sealing.seal(
        owner=asked.party_id, plaintext=reason.encode(), context=REASON_CONTEXT
    )
    asked.save()
    outbox.publish(kind=log_kind, subject=str(asked.id), payload={"party": str(asked.party_id)})


def _answer(
    asked: RightsRequest | Objection,
    acting: Actor,
    outcome: str,
    reason: str,
    *,
    log_kind: str,
    right: str,
) -> None:
    acting.require(Role.OPERATOR)
    person = acting.require_person()
    if acting.acts_for(asked.party_id) or Actor.for_person(person).acts_for(asked.party_id):
        raise problems.OWN_REQUEST.problem()
    if asked.state != RequestState.RECEIVED:
        raise problems.ANSWERED_ALREADY.problem()
    if outcome not in OUTCOMES:
        msg = f"{outcome!r} is not an outcome"
        raise ValueError(msg)
    words = _checked(reason, required=True, field="reason")
    settle(asked, acting=acting, outcome=outcome, reason=words, log_kind=log_kind, right=right)


def _own_party(acting: Actor, party_id: UUID | None, unknown: ProblemKind) -> UUID:
    acting.require_person()
    party = party_id or acting.party_id
    # Nobody uses another's rights: not an operator, not the platform.
    if party is None or not acting.acts_for(party):
        raise unknown.problem()
    return party


def _checked(text: str, *, required: bool, field: str = "text") -> str:
    words = unicodedata.normalize("NFC", text).strip()
    if len(words) > TEXT_LENGTH_MAX or (required and not words) or "\x00" in words:
        raise problems.TEXT_UNFIT.problem(
            errors=[FieldError(field, problems.TEXT_UNFIT.advice, "length")]
        )
    return words


def _log_receipt(
    log_kind: str, acting: Actor, party: UUID, right: str, payload: dict[str, str]
) -> LogEntry:
    return record(
        kind=log_kind,
        acting=acting,
        subject=party,
        payload={**payload, "days": clocks.DAYS[right]},
    )


def _nudge() -> None:
    nudge(import_module("governance.tasks").work_on_rights)
