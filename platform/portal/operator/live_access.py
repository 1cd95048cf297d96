"""Organisations that want their programs to go live, for the city's staff to decide."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from dure.accounts.acting import Actor
from dure.accounts.api_key_services import decide_live_access
from dure.accounts.models import LiveReview
from dure.core.language import localized
from dure.core.problems import Problem
from portal.doors import operators_only
from portal.error_summary import ErrorSummary, summary_of_problem

SHOWN = 50


def _page(
    request: HttpRequest, problems: ErrorSummary | None = None, wrong: UUID | None = None
) -> HttpResponse:
    found = LiveReview.objects.select_related("organisation", "asked_by", "decided_by")
    waiting = found.filter(state=LiveReview.State.ASKED).order_by("asked_at")[:SHOWN]
    decided = found.exclude(state=LiveReview.State.ASKED).order_by("-decided_at")[:SHOWN]
    context = {
        "waiting": [{**_row(each), "wrong": each.id == wrong} for each in waiting],
        "typed": request.POST.get("reason", ""),
        "decided": [_row(each) for each in decided],
        "problems": problems,
    }
    return render(
        request, "portal/operator/live_access.html", context, status=422 if problems else 200
    )


def _row(review: LiveReview) -> dict[str, object]:
    return {
        "id": review.id,
        "organisation": localized(review.organisation.name),
        "purpose": review.purpose,
        "by": review.asked_by.name,
        "asked_at": review.asked_at,
        "approved": review.state == LiveReview.State.APPROVED,
        "decided_by": review.decided_by.name if review.decided_by else "",
        "decided_at": review.decided_at,
        "reason": review.reason,
    }


@never_cache
@require_safe
@operators_only
def queue(request: HttpRequest) -> HttpResponseBase:
    return _page(request)


@require_POST
@operators_only
def decision(request: HttpRequest, review_id: UUID) -> HttpResponseBase:
    """Approve, or decline with a reason."""
    approve = request.POST.get("decision") == "approve"
    try:
        decide_live_access(
            acting=Actor.of(request),
            review_id=review_id,
            approve=approve,
            reason=request.POST.get("reason", ""),
        )
    except Problem as problem:
        if problem.kind.status in (401, 404):
            raise
        summary = summary_of_problem(problem, {"reason": f"reason-{review_id}"})
        return _page(request, summary, review_id)
    messages.success(
        request,
        _("The organisation may make live keys now.")
        if approve
        else _("The request was declined; the organisation reads why."),
    )
    return redirect("portal:console-live-access")
