"""Settlements: close one, look at its lines, approve it as another person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from dure.accounts.acting import Actor
from dure.core.money import format_amount
from dure.core.problems import Problem
from portal.auditor.epochs import call_titles, epoch_title, state_text
from portal.doors import operators_only
from portal.error_summary import ErrorSummary, summary_of_problem
from rewards.epochs.selectors import epoch_for
from rewards.epochs.services import approve_epoch, close_epoch
from rewards.models import Epoch, EpochInput

LINES_SHOWN = 200


def _page(request: HttpRequest, found: Epoch, problems: ErrorSummary | None = None) -> HttpResponse:
    titles = call_titles({found.call.slug})
    rows = (
        EpochInput.objects.filter(epoch=found)
        .select_related("contribution")
        .order_by("-reward", "pseudonym")[: LINES_SHOWN + 1]
    )
    lines = [
        {
            "receipt": row.contribution.receipt,
            "records": row.records,
            "reward": format_amount(row.reward),
        }
        for row in rows
    ]
    context: dict[str, Any] = {  # Any: a template's context
        "epoch": {
            "id": found.id,
            "title": epoch_title(titles.get(found.call.slug, found.call.slug), found.number),
            "state": found.state,
            "state_label": state_text(found.state),
            "count": found.inputs_count,
            "total": format_amount(found.total),
            "asset": found.asset or "DURE",
            "proposer": found.proposer.name if found.proposer else "",
            "approver": found.approver.name if found.approver else "",
            "manifest_sha256": found.manifest_sha256,
        },
        "own_proposal": found.proposer_id == Actor.of(request).require_person().id,
        "lines": lines[:LINES_SHOWN],
        "more_lines": len(lines) > LINES_SHOWN,
        "problems": problems,
    }
    status = 422 if problems else 200
    return render(request, "portal/operator/epoch.html", context, status=status)


@require_safe
@operators_only
def epoch(request: HttpRequest, epoch_id: UUID) -> HttpResponseBase:
    return _page(request, epoch_for(epoch_id))


@require_POST
@operators_only
def closing(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Freeze and price the running settlement of a call; nothing is paid by this."""
    closed = close_epoch(acting=Actor.of(request), call_slug=slug)
    messages.success(request, _("The settlement is closed. Another person can now approve it."))
    return redirect("portal:console-epoch", closed.id)


@require_POST
@operators_only
def approval(request: HttpRequest, epoch_id: UUID) -> HttpResponseBase:
    """Post a closed settlement to the ledger."""
    found = epoch_for(epoch_id)
    try:
        approve_epoch(acting=Actor.of(request), epoch=found)
    except Problem as problem:
        return _page(request, found, summary_of_problem(problem))
    messages.success(request, _("The settlement is approved and paid."))
    return redirect("portal:console-epoch", epoch_id)
