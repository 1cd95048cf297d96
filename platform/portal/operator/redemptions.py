"""What is on its way out of wallets: pay it out, or give it back with a reason."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from dure.accounts.acting import Actor
from dure.accounts.selectors import party_name
from dure.core.language import localized
from dure.core.problems import Problem
from portal.doors import operators_only
from portal.error_summary import ErrorSummary, Item, summary_of_problem
from portal.resident.redemptions import rail_text
from rewards.wallet.selectors import held_redemptions, redemption_document
from rewards.wallet.services import return_redemption, settle_redemption

ROWS_SHOWN = 50
REASON_LENGTH_MAX = 200
REFERENCE_LENGTH_MAX = 80


def _page(
    request: HttpRequest, problems: ErrorSummary | None = None, wrong: UUID | None = None
) -> HttpResponse:
    held = held_redemptions()
    context = {
        "waiting": held.count(),
        "rows": [
            {
                **redemption_document(row),
                "rail_text": rail_text(row.rail),
                "owner": localized(party_name(row.party_id)),
                "wrong": row.id == wrong,
            }
            for row in held[:ROWS_SHOWN]
        ],
        "problems": problems,
        "reason_max": REASON_LENGTH_MAX,
        "reference_max": REFERENCE_LENGTH_MAX,
    }
    status = 422 if problems else 200
    return render(request, "portal/operator/redemptions.html", context, status=status)


@require_safe
@operators_only
def queue(request: HttpRequest) -> HttpResponseBase:
    return _page(request)


@require_POST
@operators_only
def settlement(request: HttpRequest, redemption_id: UUID) -> HttpResponseBase:
    """The rail has paid."""
    reference = request.POST.get("reference", "").strip()[:REFERENCE_LENGTH_MAX]
    try:
        settle_redemption(
            acting=Actor.of(request), redemption_id=redemption_id, rail_reference=reference
        )
    except Problem as problem:
        if problem.kind.status in (403, 404):
            raise
        return _page(request, summary_of_problem(problem))
    messages.success(request, _("The amount is marked as paid out."))
    return redirect("portal:console-redemptions")


@require_POST
@operators_only
def giving_back(request: HttpRequest, redemption_id: UUID) -> HttpResponseBase:
    """The rail has refused; the reason is shown to the owner."""
    reason = request.POST.get("reason", "").strip()[:REASON_LENGTH_MAX]
    if not reason:
        item = Item(_("Say why the amount is given back."), f"reason-{redemption_id}")
        return _page(request, ErrorSummary(items=(item,)), redemption_id)
    try:
        return_redemption(acting=Actor.of(request), redemption_id=redemption_id, reason=reason)
    except Problem as problem:
        if problem.kind.status in (403, 404):
            raise
        return _page(request, summary_of_problem(problem))
    messages.success(request, _("The amount is back in the wallet."))
    return redirect("portal:console-redemptions")
