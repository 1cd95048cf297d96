"""Reading requests and objections: by whoever asked, and by the operators who answer."""

from __future__ import annotations

from typing import TypedDict
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core import clock, sealing
from dure.core.clock import rfc3339
from dure.core.problems import NOT_ALLOWED
from governance.access.services import note_access
from governance.models import Erasure, Objection, RequestState, RightKind, RightsRequest
from governance.models.rights import Asked
from governance.rights import clocks, problems
from governance.rights.services import AUTOMATIC, REASON_CONTEXT, TEXT_CONTEXT


class AnswerDocument(TypedDict):
    """The answer; ``by`` says whether a human gave it."""

    outcome: str
    reason: str
    at: str
    by: str


class AskedDocument(TypedDict):
    """What a request and an objection have in common."""

    id: str
    state: str
    text: str
    received_at: str
    due_at: str
    overdue: bool
    legal_basis: str
    answer: AnswerDocument | None
    log: dict[str, int | None]


class RequestDocument(AskedDocument):
    """A request; ``export`` is there while its file can be downloaded."""

    kind: str
    export: dict[str, str] | None


class ObjectionDocument(AskedDocument):
    """An objection to one decision."""

    subject: dict[str, str]


def requests_query(parties: frozenset[UUID]) -> QuerySet[RightsRequest]:
    """Requests of these parties."""
    return RightsRequest.objects.filter(party_id__in=parties).select_related(
        "log_entry__place", "export"
    )


def is_leaving(party_id: UUID) -> bool:
    """Whether somebody asked to be erased, was not refused it, and is not gone yet."""
    asked = RightsRequest.objects.filter(
        party_id=party_id,
        kind=RightKind.ERASURE,
        state__in=[RequestState.RECEIVED, RequestState.GRANTED],
    )
    gone = Erasure.objects.filter(party_id=party_id, erased_at__isnull=False)
    return asked.exists() and not gone.exists()


def objections_query(parties: frozenset[UUID]) -> QuerySet[Objection]:
    """Objections of these parties."""
    return Objection.objects.filter(party_id__in=parties).select_related("log_entry__place")


def request_queue(acting: Actor) -> QuerySet[RightsRequest]:
    """Every open request, for operators."""
    _require_operator(acting)
    found = RightsRequest.objects.filter(state=RequestState.RECEIVED)
    return found.select_related("log_entry__place", "export")


def objection_queue(acting: Actor) -> QuerySet[Objection]:
    """Every open objection, for operators."""
    _require_operator(acting)
    return Objection.objects.filter(state=RequestState.RECEIVED).select_related("log_entry__place")


def open_count() -> int:
    """How many requests and objections wait for a human's answer."""
    waiting = RightsRequest.objects.filter(state=RequestState.RECEIVED).exclude(kind__in=AUTOMATIC)
    return waiting.count() + Objection.objects.filter(state=RequestState.RECEIVED).count()


def request_for(acting: Actor, request_id: UUID) -> RightsRequest:
    """The caller's own request, or anybody's for an operator, who leaves a note of having looked.

    Raises the problem REQUEST_UNKNOWN, for unknown and foreign ones alike.
    """
    found = RightsRequest.objects.filter(id=request_id).select_related("log_entry__place", "export")
    request = found.first()
    if request is None or not _may_read(acting, request, "rights request"):
        raise problems.REQUEST_UNKNOWN.problem()
    return request


def objection_for(acting: Actor, objection_id: UUID) -> Objection:
    """As ``request_for``, for objections; raises the problem OBJECTION_UNKNOWN."""
    objection = Objection.objects.filter(id=objection_id).select_related("log_entry__place").first()
    if objection is None or not _may_read(acting, objection, "objection"):
        raise problems.OBJECTION_UNKNOWN.problem()
    return objection


def request_document(request: RightsRequest, *, texts: bool = True) -> RequestDocument:
    """The request; without ``texts`` only what a list of work needs."""
    expires = request.export_expires_at
    ready = request.export is not None and request.export.purged_at is None
    return {
        **_asked(request, clocks.LEGAL_BASIS[request.kind], texts=texts),
        "kind": request.kind,
        "export": {
            "url": f"/api/v1/rights-requests/{request.id}/export/",
            "expires_at": rfc3339(expires),
        }
        if ready and expires is not None and clock.now() < expires
        else None,
    }


def objection_document(objection: Objection, *, texts: bool = True) -> ObjectionDocument:
    """The objection; without ``texts`` only what a list of work needs."""
    return {
        **_asked(objection, clocks.LEGAL_BASIS["objection"], texts=texts),
        "subject": {"kind": objection.subject_kind, "id": objection.subject_id},
    }


def _asked(asked: Asked, legal_basis: str, *, texts: bool) -> AskedDocument:
    answer: AnswerDocument | None = None
    if asked.answered_at is not None:
        reason = _opened(asked.party_id, asked.reason, REASON_CONTEXT) if texts else ""
        by_platform = asked.answered_by_id is None
        answer = {
            "outcome": asked.state,
            # What the platform says by itself is one of its own texts.
            "reason": _(reason) if reason and by_platform else reason,
            "at": rfc3339(asked.answered_at),
            "by": "platform" if by_platform else "human",
        }
    return {
        "id": str(asked.id),
        "state": asked.state,
        "text": _opened(asked.party_id, asked.text, TEXT_CONTEXT) if texts else "",
        "received_at": rfc3339(asked.received_at),
        "due_at": rfc3339(asked.due_at),
        "overdue": answer is None
        and clocks.urgency(asked.due_at, clock.now()) is clocks.Urgency.OVERDUE,
        "legal_basis": legal_basis,
        "answer": answer,
        "log": {"index": asked.log_entry.index},
    }


def _opened(owner: UUID, sealed: bytes | memoryview | None, context: str) -> str:
    if sealed is None:
        return ""
    try:
        return sealing.unseal(owner=owner, sealed=bytes(sealed), context=context).decode()
    except sealing.Unreadable:
        return ""  # erased


def _may_read(acting: Actor, asked: Asked, what: str) -> bool:
    if acting.acts_for(asked.party_id):
        return True
    if not acting.has(Role.OPERATOR):
        return False
    note_access(
        acting=acting, party_id=asked.party_id, what=what, why="answering", subject=str(asked.id)
    )
    return True


def _require_operator(acting: Actor) -> None:
    acting.require_person()
    if not acting.has(Role.OPERATOR):
        raise NOT_ALLOWED.problem()
