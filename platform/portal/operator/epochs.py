"""Settlements: close one, look at its lines, approve or reject it, take back a paid one."""

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
from dure.core.problems import INVALID, FieldError, Problem
from portal.auditor.epochs import call_titles, epoch_title, state_text
from portal.doors import operators_only
from portal.error_summary import ErrorSummary, summary_of_problem
from portal.resident.why import ground_text
from rewards.epochs.corrected import reversal_effect, settled_lines
from rewards.epochs.corrections import propose_reversal, reject_epoch
from rewards.epochs.selectors import epoch_for
from rewards.epochs.services import approve_epoch, close_epoch
from rewards.models import Epoch, EpochGround, EpochKind, EpochState

LINES_SHOWN = 200


#: Where an error about the ground of a decision belongs.
GROUND_FIELD = {"ground": "ground"}


def _correction(found: Epoch) -> dict[str, Any]:  # Any: a template's context
    """What can be corrected about a settlement, and what that would do."""
    settlement = found.kind == EpochKind.SETTLEMENT
    standing = found.reversals.exclude(state=EpochState.REJECTED).first()
    may_reverse = settlement and found.state == EpochState.APPROVED and standing is None
    paid = found if may_reverse else found.reverses
    undecided = may_reverse or (paid is not None and found.state == EpochState.CLOSED)
    return {
        "is_reversal": not settlement,
        "reverses": found.reverses_id,
        "reverses_number": found.reverses.number if found.reverses else None,
        "ground_text": ground_text(found.ground),
        "grounds": [{"code": each.value, "label": each.label} for each in EpochGround],
        "may_reverse": may_reverse,
        "reversal": standing.id if standing else None,
        "reversal_state": state_text(standing.state) if standing else "",
        "effect": reversal_effect(paid) if paid is not None and undecided else None,
        "returned": format_amount(found.returned),
    }


def _page(request: HttpRequest, found: Epoch, problems: ErrorSummary | None = None) -> HttpResponse:
    titles = call_titles({found.call.slug})
    lines = [
        {**line._asdict(), "reward": format_amount(line.reward)}
        for line in settled_lines(found, LINES_SHOWN + 1)
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
        "correction": _correction(found),
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
        done = approve_epoch(acting=Actor.of(request), epoch=found)
    except Problem as problem:
        return _page(request, found, summary_of_problem(problem))
    if done.kind == EpochKind.REVERSAL:
        messages.success(request, _("The settlement is taken back."))
    else:
        messages.success(
            request,
            _("The settlement is approved and paid. Contributors see it in their wallets."),
        )
    return redirect("portal:console-epoch", epoch_id)


def _ground(request: HttpRequest) -> EpochGround:
    """The ground that was chosen; INVALID where none was."""
    chosen = request.POST.get("ground", "")
    if chosen not in EpochGround.values:
        raise INVALID.problem(errors=[FieldError("ground", _("Choose the reason."))])
    return EpochGround(chosen)


@require_POST
@operators_only
def rejection(request: HttpRequest, epoch_id: UUID) -> HttpResponseBase:
    """Refuse a closed settlement as a second person: nothing is paid, what it froze waits."""
    found = epoch_for(epoch_id)
    try:
        reject_epoch(acting=Actor.of(request), epoch=found, ground=_ground(request))
    except Problem as problem:
        return _page(request, found, summary_of_problem(problem, GROUND_FIELD))
    messages.success(request, _("The settlement is rejected. Nothing was paid."))
    return redirect("portal:console-epoch", epoch_id)


@require_POST
@operators_only
def reversal(request: HttpRequest, epoch_id: UUID) -> HttpResponseBase:
    """Propose to take a paid settlement back; another person decides."""
    found = epoch_for(epoch_id)
    try:
        made = propose_reversal(acting=Actor.of(request), epoch=found, ground=_ground(request))
    except Problem as problem:
        return _page(request, found, summary_of_problem(problem, GROUND_FIELD))
    messages.success(request, _("Taking back is proposed. Another person can now approve it."))
    return redirect("portal:console-epoch", made.id)
