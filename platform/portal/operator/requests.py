"""What people ask by law and object to: the inbox with its clocks, and answering with a reason."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from dure.accounts.acting import Actor
from dure.core import clock
from dure.core.money import format_amount
from dure.core.problems import Problem
from governance.models import Objection, RequestState, RightsRequest
from governance.models.rights import OUTCOMES
from governance.rights import services
from governance.rights.clocks import Urgency, urgency
from governance.rights.selectors import (
    objection_document,
    objection_for,
    objection_queue,
    request_document,
    request_for,
    request_queue,
)
from portal.doors import operators_only
from portal.error_summary import ErrorSummary, Item
from portal.formatting import number_text
from portal.resident.objections import answer_text, subject_text
from portal.rights_words import law_text, right_text
from rewards.holdback.giving_back import grantable, granted_parts

ROWS_SHOWN = 200


@require_safe
@operators_only
def inbox(request: HttpRequest) -> HttpResponseBase:
    """Everything that waits for an answer, the most urgent first; no text is shown here."""
    acting = Actor.of(request)
    rows = [
        *(_line(row, "request", right_text(row.kind)) for row in request_queue(acting)),
        *(
            _line(row, "objection", subject_text(row.subject_kind))
            for row in objection_queue(acting)
        ),
    ]
    rows.sort(key=lambda row: row["due_at"])
    late = sum(1 for row in rows if row["urgency"] == Urgency.OVERDUE)
    context = {"rows": rows[:ROWS_SHOWN], "waiting": len(rows), "late": late}
    return render(request, "portal/operator/requests.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def answering(request: HttpRequest, what: str, asked_id: UUID) -> HttpResponseBase:
    """One request or objection; opening it leaves a note that its person can read."""
    acting = Actor.of(request)
    asked = _asked(acting, what, asked_id)
    if request.method != "POST":
        return _page(request, what, asked)
    outcome, reason = request.POST.get("outcome", ""), request.POST.get("reason", "")
    amount = request.POST.get("amount", "").strip()
    missing = _missing(asked, outcome, reason, amount)
    if missing:
        return _page(request, what, asked, ErrorSummary(items=tuple(missing)))
    try:
        if isinstance(asked, RightsRequest):
            services.answer_request(acting=acting, request=asked, outcome=outcome, reason=reason)
        else:
            services.answer_objection(
                acting=acting, objection=asked, outcome=outcome, reason=reason, amount=amount
            )
    except Problem as problem:
        amiss = any(error.field == "amount" for error in problem.errors)
        item = Item(str(problem.kind.advice if amiss else problem.kind.title), "amount" * amiss)
        summary = ErrorSummary(items=(item,), advice="" if amiss else str(problem.kind.advice))
        return _page(request, what, asked, summary)
    messages.success(request, _("The answer was sent. The person reads it on their own page."))
    return redirect("portal:console-requests")


def _missing(
    asked: RightsRequest | Objection, outcome: str, reason: str, amount: str
) -> list[Item]:
    """What an answer lacks, all of it, in the order of the form."""
    found = []
    if outcome not in OUTCOMES:
        found.append(Item(_("Choose an answer."), "outcome-1"))
    parted = outcome == RequestState.PARTLY and isinstance(asked, Objection) and _taken(asked)
    if parted and not amount:
        found.append(Item(_("Say how much is given back."), "amount"))
    if not reason.strip():
        found.append(Item(_("Give the reason; the person reads it."), "reason"))
    elif len(reason) > services.TEXT_LENGTH_MAX:
        limit = number_text(services.TEXT_LENGTH_MAX)
        text = _("Say it in at most %(limit)s characters.") % {"limit": limit}
        found.append(Item(text, "reason"))
    return found


def _line(
    row: RightsRequest | Objection, what: str, label: str
) -> dict[str, Any]:  # Any: a template's context
    how = urgency(row.due_at, clock.now())
    return {
        "id": row.id,
        "what": what,
        "label": label,
        "received_at": row.received_at,
        "due_at": row.due_at,
        "urgency": how,
        "tone": {Urgency.OVERDUE: "bad", Urgency.DUE_SOON: "heed"}.get(how, "info"),
        "urgency_text": {
            Urgency.OVERDUE: _("Late"),
            Urgency.DUE_SOON: _("Due soon"),
            Urgency.IN_TIME: _("In time"),
        }[how],
    }


def _asked(acting: Actor, what: str, asked_id: UUID) -> RightsRequest | Objection:
    if what == "request":
        return request_for(acting, asked_id)
    if what == "objection":
        return objection_for(acting, asked_id)
    raise Http404


def _page(
    request: HttpRequest,
    what: str,
    asked: RightsRequest | Objection,
    problems: ErrorSummary | None = None,
) -> HttpResponse:
    item: dict[str, Any]  # Any: a template's context
    if isinstance(asked, RightsRequest):
        item = {**request_document(asked), "label": right_text(asked.kind)}
    else:
        item = {**objection_document(asked), "label": subject_text(asked.subject_kind)}
        item["subject_id"] = asked.subject_id
        item["granted_part"] = granted_parts([asked.id]).get(asked.id)
        item["taken"] = _taken(asked)
    chosen = request.POST.get("outcome", "")
    context = {
        "item": {
            **item,
            "state_label": answer_text(item["state"]),
            "law": law_text(item["legal_basis"]),
        },
        "open": asked.state == RequestState.RECEIVED,
        "outcomes": [
            {"key": state.value, "label": answer_text(state.value), "chosen": state == chosen}
            for state in OUTCOMES
        ],
        "reason": request.POST.get("reason", ""),
        "amount": request.POST.get("amount", ""),
        "limit": services.TEXT_LENGTH_MAX,
        "problems": problems,
        "wrong": {i.anchor.partition("-")[0]: i.message for i in problems.items if i.anchor}
        if problems
        else {},
    }
    status = 422 if problems else 200
    return render(request, "portal/operator/request.html", context, status=status)


def _taken(asked: Objection) -> dict[str, str] | None:
    """What an upheld finding took, of which an answer can give a part back."""
    found = grantable(asked) if asked.state == RequestState.RECEIVED else None
    if found is None:
        return None
    _check, held = found
    return {"amount": format_amount(held.amount), "asset": held.epoch.asset}
