"""The console's front page: what waits for a decision."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from contributions.models import CallVersion
from contributions.selectors import calls_in_preparation
from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core.clock import now
from dure.core.language import localized
from dure.core.money import format_amount
from governance.cases.selectors import unanswered
from governance.rights.selectors import open_count
from portal.auditor.epochs import call_titles, epoch_title, held_back_text, state_text
from portal.doors import operators_only
from portal.operator import sections
from portal.operator.pipeline import pipeline
from portal.operator.reports import report_periods
from rewards.epochs.selectors import epochs
from rewards.holdback.giving_back import giving_back_list
from rewards.holdback.selectors import waiting_by_epoch
from rewards.models import EpochState
from rewards.wallet.selectors import held_redemptions

ROWS_SHOWN = 30


def _preparing() -> list[dict[str, Any]]:  # Any: a template's context
    return [
        {
            "slug": version.call.slug,
            "title": localized(version.document["title"]),
            "number": version.number,
            "proposed": version.state == CallVersion.State.PROPOSED,
            "author": version.author.name,
            "proposer": version.proposer.name if version.proposer else "",
        }
        for version in calls_in_preparation()
    ]


def _epochs() -> list[dict[str, Any]]:  # Any: a template's context
    """Running and closed settlements first, then the latest approved ones."""
    waiting = list(epochs().filter(state__in=[EpochState.OPEN, EpochState.CLOSED]))
    done = list(epochs().filter(state=EpochState.APPROVED)[:ROWS_SHOWN])
    titles = call_titles({epoch.call.slug for epoch in (*waiting, *done)})
    held = waiting_by_epoch(epoch.id for epoch in done)
    return [
        {
            "id": epoch.id,
            "slug": epoch.call.slug,
            "title": epoch_title(titles.get(epoch.call.slug, epoch.call.slug), epoch.number),
            "state": epoch.state,
            "state_label": state_text(epoch.state),
            "count": epoch.inputs_count,
            "total": format_amount(epoch.total) if epoch.state != EpochState.OPEN else "",
            "asset": epoch.asset,
            "held_back": held_back_text(held.get(epoch.id, 0), epoch.asset),
        }
        for epoch in (*waiting, *done)
    ]


@require_safe
@operators_only
def console(request: HttpRequest) -> HttpResponseBase:
    settlements = _epochs()
    may_answer = Actor.of(request).has(Role.OPERATOR)
    context = {
        "menu": sections.parts(answers=may_answer),
        "preparing": _preparing(),
        "pipeline": pipeline(),
        "epochs": settlements,
        "to_approve": sum(1 for epoch in settlements if epoch["state"] == EpochState.CLOSED),
        "to_answer": open_count(),
        "to_answer_auditors": unanswered().count(),
        "may_answer": may_answer,
        "to_pay": held_redemptions().count(),
        "to_give_back": len(giving_back_list()),
        **report_periods(now()),
    }
    return render(request, "portal/operator/console.html", context)
