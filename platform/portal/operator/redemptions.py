"""What is on its way out of wallets: pay it out, or give it back with a reason."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from dure.accounts.acting import Actor
from dure.accounts.selectors import party_names
from dure.core.language import localized
from dure.core.money import format_amount
from dure.core.problems import NOT_FOUND, Problem
from governance.access.services import note_accesses
from governance.models import Proposal
from portal.doors import operators_only
from portal.error_summary import ErrorSummary, Item, summary_of_problem
from portal.operator.payout_words import batch_state_text
from portal.operator.payouts import answer_of, answers_waiting, tell_taken, trial_of
from portal.resident.redemptions import rail_text
from rewards.models import Redemption, RedemptionState
from rewards.rails.batches import OUTSIDE, propose_batch
from rewards.rails.imports import agree_to_answer, discard_answer
from rewards.rails.reconciliation import difference_documents
from rewards.rails.selectors import batch_document, batches, settled_redemptions, waiting
from rewards.wallet.selectors import (
    proposed_returns,
    proposed_settlements,
    redemption_document,
)
from rewards.wallet.services import (
    drop_proposed,
    return_redemption,
    reverse_redemption,
    settle_redemption,
)

ROWS_SHOWN = 50
BATCHES_SHOWN = 20
PAID_SHOWN = 10
REASON_LENGTH_MAX = 200
REFERENCE_LENGTH_MAX = 80


def _page(
    request: HttpRequest,
    problems: ErrorSummary | None = None,
    wrong: UUID | None = None,
    trial: dict[str, Any] | None = None,  # Any: a template's context
) -> HttpResponse:
    unbatched = waiting()
    shown = list(unbatched[:ROWS_SHOWN])
    paid = list(settled_redemptions()[:PAID_SHOWN])
    note_accesses(
        acting=Actor.of(request),
        party_ids={row.party_id for row in (*shown, *paid)},
        what="redemption",
        why="payment",
    )
    owners = party_names(row.party_id for row in (*shown, *paid))
    proposed = proposed_returns([*shown, *paid])
    said_paid = proposed_settlements(shown)

    def row_of(row: Redemption) -> dict[str, Any]:  # Any: a template's context
        unsettled = row.id == wrong and "reference" in request.POST
        return {
            **_row(row, owners, None if unsettled else wrong),
            "unsettled": unsettled,
            "proposed": _proposal(request, proposed.get(row.id)),
            "said_paid": _proposal(request, said_paid.get(row.id)),
        }

    groups = unbatched.filter(rail__in=OUTSIDE).values_list("rail", "asset").order_by("rail")
    context: dict[str, Any] = {  # Any: a template's context
        "waiting": unbatched.count(),
        "rows": [row_of(row) for row in shown],
        "groups": [
            {
                "rail": rail,
                "rail_text": rail_text(rail),
                "asset": asset,
                "count": count,
                "total": format_amount(int(total)),
            }
            for rail, asset, count, total in groups.annotate(n=Count("id"), total=Sum("amount"))
        ],
        "batches": [
            {
                **batch_document(batch),
                "rail_text": rail_text(batch.rail),
                "state_text": batch_state_text(batch.state),
            }
            for batch in batches()[:BATCHES_SHOWN]
        ],
        "paid": [row_of(row) for row in paid],
        "rails": [{"code": rail.value, "label": rail_text(rail)} for rail in OUTSIDE],
        "differences": len(difference_documents(closed=False)),
        "answers": answers_waiting(request),
        "problems": problems,
        "typed": request.POST.get("reason", request.POST.get("reference", "")),
        "fileless": problems is not None and any(i.anchor == "answer" for i in problems.items),
        "trial": trial,
        "reason_max": REASON_LENGTH_MAX,
        "reference_max": REFERENCE_LENGTH_MAX,
    }
    status = 422 if problems else 200
    return render(request, "portal/operator/redemptions.html", context, status=status)


def _row(
    row: Redemption, owners: dict[UUID, dict[str, str]], wrong: UUID | None
) -> dict[str, Any]:  # Any: a template's context
    return {
        **redemption_document(row),
        "taxed": row.tax > 0,
        "rail_text": rail_text(row.rail),
        "owner": localized(owners[row.party_id]),
        "wrong": row.id == wrong,
    }


def _proposal(request: HttpRequest, made: Proposal | None) -> dict[str, Any] | None:
    """What a colleague proposed, or oneself, who cannot agree to it."""
    if made is None:
        return None
    person = Actor.of(request).require_person()
    return {**made.details, "own": made.proposer_id == person.id}


def _too_long(words: str, limit: int) -> str:
    """What is wrong with a paste that is too long: it is not cut, but shortened by hand."""
    if len(words) <= limit:
        return ""
    return _("Say it in at most %(limit)s characters.") % {"limit": limit}


def _unfit(reason: str, unsaid: str) -> str:
    """What is wrong with a reason."""
    return _too_long(reason, REASON_LENGTH_MAX) or ("" if reason else unsaid)


def _told(request: HttpRequest, found: Redemption, goal: RedemptionState, done: str) -> None:
    """What a decision did: all of it, or the first half of two."""
    waits = found.state != goal
    messages.success(request, _("Proposed. A second person has to agree.") if waits else done)


@require_safe
@operators_only
def queue(request: HttpRequest) -> HttpResponseBase:
    return _page(request)


@require_POST
@operators_only
def settlement(request: HttpRequest, redemption_id: UUID) -> HttpResponseBase:
    """The rail has paid."""
    reference = request.POST.get("reference", "").strip()
    if unfit := _too_long(reference, REFERENCE_LENGTH_MAX):
        item = Item(unfit, f"reference-{redemption_id}")
        return _page(request, ErrorSummary(items=(item,)), redemption_id)
    try:
        found = settle_redemption(
            acting=Actor.of(request),
            redemption_id=redemption_id,
            rail_reference=reference,
            agreeing="agreeing" in request.POST,
        )
    except Problem as problem:
        if problem.kind.status in (403, 404):
            raise
        return _page(request, summary_of_problem(problem), redemption_id)
    _told(request, found, RedemptionState.SETTLED, _("The amount is marked as paid out."))
    return redirect("portal:console-redemptions")


@require_POST
@operators_only
def giving_back(request: HttpRequest, redemption_id: UUID) -> HttpResponseBase:
    """The rail has refused; the reason is shown to the owner."""
    reason = request.POST.get("reason", "").strip()
    if unfit := _unfit(reason, _("Say why the amount is given back.")):
        item = Item(unfit, f"reason-{redemption_id}")
        return _page(request, ErrorSummary(items=(item,)), redemption_id)
    try:
        found = return_redemption(
            acting=Actor.of(request),
            redemption_id=redemption_id,
            reason=reason,
            agreeing="agreeing" in request.POST,
        )
    except Problem as problem:
        if problem.kind.status in (403, 404):
            raise
        return _page(request, summary_of_problem(problem), redemption_id)
    _told(request, found, RedemptionState.RETURNED, _("The amount is back in the wallet."))
    return redirect("portal:console-redemptions")


@require_POST
@operators_only
def dropping(request: HttpRequest, redemption_id: UUID) -> HttpResponseBase:
    """Take back what one proposed, or decline what a colleague did; nothing moves."""
    try:
        drop_proposed(
            acting=Actor.of(request),
            redemption_id=redemption_id,
            settlement=request.POST.get("said") == "paid",
        )
    except Problem as problem:
        if problem.kind is not NOT_FOUND:
            raise
        messages.error(request, _("This proposal is not open any more. Look at the list again."))
    else:
        messages.success(request, _("The proposal is dropped. No money moved."))
    return redirect("portal:console-redemptions")


@require_POST
@operators_only
def reversal(request: HttpRequest, redemption_id: UUID) -> HttpResponseBase:
    """What was paid came back; the reason is shown to the owner."""
    reason = request.POST.get("reason", "").strip()
    if unfit := _unfit(reason, _("Say why the amount came back.")):
        item = Item(unfit, f"reason-{redemption_id}")
        return _page(request, ErrorSummary(items=(item,)), redemption_id)
    try:
        found = reverse_redemption(
            acting=Actor.of(request),
            redemption_id=redemption_id,
            reason=reason,
            agreeing="agreeing" in request.POST,
        )
    except Problem as problem:
        if problem.kind.status in (403, 404):
            raise
        return _page(request, summary_of_problem(problem), redemption_id)
    done = _("The payment is reversed and the amount back in the wallet.")
    _told(request, found, RedemptionState.RETURNED, done)
    return redirect("portal:console-redemptions")


@require_POST
@operators_only
def batching(request: HttpRequest) -> HttpResponseBase:
    """Collect what waits for a rail into a batch."""
    try:
        batch = propose_batch(
            acting=Actor.of(request),
            rail=request.POST.get("rail", ""),
            asset=request.POST.get("asset", ""),
        )
    except Problem as problem:
        if problem.kind.status in (403, 404):
            raise
        return _page(request, summary_of_problem(problem))
    messages.success(request, _("The batch is proposed. Another person can now approve it."))
    return redirect("portal:console-batch", batch.id)


@require_POST
@operators_only
def answer(request: HttpRequest) -> HttpResponseBase:
    """Take over what a rail has answered, or only look what that would do."""
    if request.POST.get("do") == "try":
        found = trial_of(request)
        if isinstance(found, ErrorSummary):
            return _page(request, found)
        return _page(request, trial=found)
    problems = answer_of(request)
    return _page(request, problems) if problems else redirect("portal:console-redemptions")


@require_POST
@operators_only
def answer_decision(request: HttpRequest, answer_id: UUID) -> HttpResponseBase:
    """Agree to an answer that a colleague brought, or discard one that waits."""
    acting = Actor.of(request)
    try:
        if request.POST.get("do") == "discard":
            discard_answer(acting=acting, answer_id=answer_id)
            messages.success(request, _("The answer is discarded; nothing of it was done."))
        else:
            tell_taken(request, agree_to_answer(acting=acting, answer_id=answer_id))
    except Problem as problem:
        if problem.kind.status in (403, 404):
            raise
        return _page(request, summary_of_problem(problem))
    return redirect("portal:console-redemptions")
