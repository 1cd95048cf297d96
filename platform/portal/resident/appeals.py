"""Objecting to the answer of a request under data protection law; another person answers."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dure.accounts.acting import Actor
from dure.core.problems import Problem
from governance.models import RightsRequest
from governance.rights import appeals, services
from governance.rights.selectors import request_document
from portal.doors import signed_in
from portal.error_summary import ErrorSummary, Item
from portal.rights_words import right_text


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def appeal(request: HttpRequest, request_id: UUID) -> HttpResponseBase:
    """The answer once more, and what the person holds against it."""
    acting = Actor.of(request)
    found = appeals.refused(acting.require_person().party_id, str(request_id))
    if found is None:
        raise Http404
    if request.method != "POST":
        return _page(request, found)
    try:
        services.object(
            acting=acting,
            subject_kind=appeals.SUBJECT,
            subject_id=str(found.id),
            text=request.POST.get("text", ""),
        )
    except Problem as problem:
        items = (Item(str(problem.kind.title), "text"),)
        return _page(request, found, ErrorSummary(advice=str(problem.detail), items=items))
    messages.success(request, _("Your objection was received. A human will answer it."))
    return redirect("portal:rights")


def _page(
    request: HttpRequest, found: RightsRequest, problems: ErrorSummary | None = None
) -> HttpResponse:
    document = request_document(found)
    context = {
        "request_id": found.id,
        "what": right_text(found.kind),
        "answer": document["answer"],
        "text": request.POST.get("text", ""),
        "limit": services.TEXT_LENGTH_MAX,
        "problems": problems,
    }
    status = 422 if problems else 200
    return render(request, "portal/resident/appeal.html", context, status=status)
