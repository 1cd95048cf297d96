"""Licences that wait for their payment, and where the revenue of those that were paid went."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from dure.accounts.acting import Actor
from dure.core.problems import Problem
from governance.access.services import note_accesses
from portal.doors import operators_only
from portal.error_summary import ErrorSummary, summary_of_problem
from portal.public.licences import licence_rows
from rewards.dividends.selectors import dividend_document, dividends_of
from rewards.licences.invoice import invoice_number
from rewards.licences.services import record_payment
from rewards.models import Licence

WAITING_SHOWN = 50
PAID_SHOWN = 20


def _page(request: HttpRequest, problems: ErrorSummary | None = None) -> HttpResponse:
    every = Licence.objects.select_related("call", "noted_by")
    person = Actor.of(request).require_person()
    unpaid = every.filter(paid_at=None).order_by("agreed_at", "id")
    waiting = list(unpaid[:WAITING_SHOWN])
    paid = list(every.filter(paid_at__isnull=False).order_by("-paid_at", "-id")[:PAID_SHOWN])
    note_accesses(
        acting=Actor.of(request),
        party_ids={licence.party_id for licence in (*waiting, *paid)},
        what="licence",
        why="invoicing",
    )
    dividends = dividends_of([str(licence.id) for licence in paid])
    context: dict[str, Any] = {  # Any: a template's context
        "count": unpaid.count(),
        "waiting": [
            {**row, "noted": each.noted_by, "own": each.noted_by_id == person.id}
            for each, row in zip(waiting, _rows(waiting), strict=True)
        ],
        "paid": [
            {
                **row,
                "dividend": dividend_document(dividends[row["id"]])
                if row["id"] in dividends
                else None,
            }
            for row in _rows(paid)
        ],
        "problems": problems,
    }
    status = 422 if problems else 200
    return render(request, "portal/operator/licences.html", context, status=status)


def _rows(found: list[Licence]) -> list[dict[str, Any]]:  # Any: a template's context
    rows = zip(found, licence_rows(found), strict=True)
    return [{**row, "number": invoice_number(licence)} for licence, row in rows]


@require_safe
@operators_only
def queue(request: HttpRequest) -> HttpResponse:
    """Licences to be paid, the longest waiting first, and those paid lately."""
    return _page(request)


@require_POST
@operators_only
def payment(request: HttpRequest, licence_id: UUID) -> HttpResponseBase:
    """The licensee has paid: one person notes it, another confirms it and splits the revenue."""
    try:
        licence = record_payment(acting=Actor.of(request), licence_id=licence_id)
    except Problem as problem:
        if problem.kind.status == 404:
            raise
        return _page(request, summary_of_problem(problem))
    if licence.paid_at is None:
        messages.success(request, _("The payment is noted. A second person confirms it."))
    else:
        words = _("The payment is recorded, and the contributors' part is theirs.")
        messages.success(request, words)
    return redirect("portal:console-licences")
