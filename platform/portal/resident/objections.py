"""Objecting to what was decided about a contribution; a human answers by a date."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contributions.models import Contribution
from contributions.selectors import contribution_for
from dure.accounts.acting import Actor
from dure.core.problems import Problem
from governance.models import RequestState
from governance.rights import services
from governance.rights.selectors import objection_document, objections_query
from portal.doors import signed_in
from portal.error_summary import ErrorSummary, Item
from rewards.holdback.giving_back import granted_parts

TEXT_LENGTH_MAX = 4000
_SUBJECTS = ("reward", "contribution")


def subject_text(kind: str) -> str:
    """What an objection is about."""
    return {
        "reward": _("The amount of the reward"),
        "contribution": _("How the contribution was checked"),
        "request": _("The answer to a request"),
    }.get(kind, kind)


def answer_text(state: str) -> str:
    """Where an objection stands."""
    return {
        "received": _("Waiting for an answer"),
        "granted": _("Granted"),
        "partly": _("Granted in part"),
        "refused": _("Refused"),
    }.get(state, state)


def _earlier(party_id: UUID, receipt: str) -> list[dict[str, Any]]:  # Any: a template's context
    rows = objections_query(frozenset({party_id})).filter(
        subject_id=receipt, subject_kind__in=_SUBJECTS
    )
    found = list(rows.order_by("-received_at"))
    parts = granted_parts([row.id for row in found if row.state == RequestState.PARTLY])
    documents = [(objection_document(row), parts.get(row.id)) for row in found]
    return [
        {
            **document,
            "granted_part": part,
            "subject_label": subject_text(document["subject"]["kind"]),
            "state_label": answer_text(document["state"]),
        }
        for document, part in documents
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def objection(request: HttpRequest, receipt: str) -> HttpResponseBase:
    """The form, and what was objected to before with its answer."""
    actor = Actor.of(request)
    found = contribution_for(actor, receipt)
    if request.method != "POST":
        return _page(request, found)
    try:
        services.object(
            acting=actor,
            subject_kind=request.POST.get("subject", ""),
            subject_id=receipt,
            text=request.POST.get("text", ""),
            party_id=found.party_id,
        )
    except Problem as problem:
        anchor = "text" if any(error.field == "text" for error in problem.errors) else "subject-1"
        items = (Item(str(problem.kind.title), anchor),)
        return _page(request, found, ErrorSummary(advice=str(problem.detail), items=items))
    messages.success(request, _("Your objection was received. A human will answer it."))
    return redirect("portal:objection", receipt)


def _page(
    request: HttpRequest, found: Contribution, problems: ErrorSummary | None = None
) -> HttpResponse:
    objections = _earlier(found.party_id, found.receipt)
    # What is being looked at already cannot be objected to once more before it is answered.
    waiting = {told["subject"]["kind"] for told in objections if not told["answer"]}
    free = [kind for kind in _SUBJECTS if problems or kind not in waiting]
    chosen = request.POST.get("subject", free[0] if free else "")
    context = {
        "receipt": found.receipt,
        "subjects": [
            {"key": kind, "label": subject_text(kind), "chosen": kind == chosen} for kind in free
        ],
        "text": request.POST.get("text", ""),
        "text_is_wrong": problems is not None and problems.items[0].anchor == "text",
        "limit": TEXT_LENGTH_MAX,
        "objections": objections,
        "problems": problems,
    }
    status = 422 if problems else 200
    return render(request, "portal/resident/objection.html", context, status=status)
