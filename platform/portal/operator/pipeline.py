"""The pipeline: what is being checked, what stands still and why, and what can be done about it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contributions.models import Contribution, State
from contributions.models.contributions import MOVING
from contributions.pipeline.attention import set_aside, try_again
from contributions.reasons import reason
from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core.clock import now
from dure.core.problems import Problem
from portal.doors import operators_only

ROWS_SHOWN = 30
PAGE_ROWS = 200
ENDED_SHOWN = 50


def _why_waiting(row: Contribution, moment: datetime) -> str:
    """What keeps a contribution where it is."""
    if row.lease_until is not None and row.lease_until > moment:
        return _("A worker is at it.")
    if row.attempts == 0:
        return _("No worker has taken it yet.")
    return _("The last worker stopped; it will be tried again.")


def pipeline(shown: int = ROWS_SHOWN) -> dict[str, Any]:  # Any: a template's context
    """Contributions that are not at an end, the stuck ones first."""
    moving = Contribution.objects.filter(state__in=MOVING)
    moment = now()
    rows = moving.select_related("call").order_by("deadline_at")[:shown]
    return {
        "moving": moving.count(),
        "stuck": moving.filter(deadline_at__lt=moment).count(),
        "rows": [
            {
                "receipt": row.receipt,
                "call": row.call.slug,
                "stage": row.stage,
                "submitted_at": row.submitted_at,
                "attempts": row.attempts,
                "stuck": row.deadline_at < moment,
                "held": row.lease_until is not None and row.lease_until > moment,
                "why": _why_waiting(row, moment),
            }
            for row in rows
        ],
    }


@require_safe
@operators_only
def board(request: HttpRequest) -> HttpResponseBase:
    """Everything that moves, and what failed lately with its reason; no data of anybody."""
    failed = Contribution.objects.filter(state=State.FAILED).select_related("call")
    context = {
        "pipeline": pipeline(PAGE_ROWS),
        "may_act": Actor.of(request).has(Role.OPERATOR),
        "failed": [
            {
                "receipt": row.receipt,
                "call": row.call.slug,
                "stage": row.stage,
                "updated_at": row.updated_at,
                "reason": reason(row.reason_rule, row.reason_params) or "",
            }
            for row in failed.order_by("-updated_at")[:ENDED_SHOWN]
        ],
    }
    return render(request, "portal/operator/pipeline.html", context)


@require_POST
@operators_only
def trying_again(request: HttpRequest, receipt: str) -> HttpResponseBase:
    """Have a contribution taken up again."""
    return _act(request, receipt, again=True)


@require_POST
@operators_only
def setting_aside(request: HttpRequest, receipt: str) -> HttpResponseBase:
    """End a contribution that cannot be checked."""
    return _act(request, receipt, again=False)


def _act(request: HttpRequest, receipt: str, *, again: bool) -> HttpResponseBase:
    acting = Actor.of(request)
    try:
        (try_again if again else set_aside)(acting=acting, receipt=receipt)
    except Problem as problem:
        if problem.kind.status != 409:
            raise
        messages.error(request, f"{problem.kind.title}. {problem.kind.advice}")
    else:
        done = _("It is taken up again within seconds.") if again else _("It is ended.")
        messages.success(request, f"{receipt}: {done}")
    return redirect("portal:console-pipeline")
