"""The statement of one month, on the page, as PDF and as CSV."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import F
from django.db.models.functions import TruncMonth
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from dure.accounts.acting import Actor
from portal.doors import signed_in
from portal.formatting import month_text
from portal.resident.redemptions import parties_of
from rewards.api.wallet import statement_file
from rewards.ledger.statements import month_bounds
from rewards.wallet.selectors import entries
from rewards.wallet.statement import LineDocument, kind_text, statement_document


def months_of(party_id: UUID) -> list[dict[str, str]]:
    """Months in which a party's wallets moved, newest first."""
    found = (
        entries(party_id)
        .annotate(month=TruncMonth(F("transfer__posted_at")))
        .order_by("-month")
        .values_list("month", flat=True)
        .distinct()
    )
    return [{"code": f"{month:%Y-%m}", "label": month_text(month.date())} for month in found]


def _line(line: LineDocument) -> dict[str, Any]:  # Any: a template's context
    """A line with its reason in words and the way to its calculation."""
    text = kind_text(line["kind"])
    if line["reverses"]:
        text = f"{text}: {kind_text(line['reverses'])}"
    receipt = line["receipt"]
    url = reverse("portal:contribution-why", args=[receipt]) if receipt else ""
    return {**line, "text": text, "url": url, "link": receipt}


def _party(request: HttpRequest) -> tuple[str, dict[str, str]]:
    """Whose wallet is asked for, and the names of all that the person may see."""
    parties = parties_of(Actor.of(request))
    party = request.GET.get("party") or next(iter(parties))
    if party not in parties:
        raise Http404
    return party, parties


@require_safe
@signed_in
def statement(request: HttpRequest, month: str) -> HttpResponseBase:
    """Every line of a month with the balance after it; ``?party=`` names another wallet."""
    party, parties = _party(request)
    document = statement_document(UUID(party), month)
    context = {
        "month": month_text(month_bounds(month)[0]),
        "owner": parties[party],
        "name": Actor.of(request).require_person().name,
        "sections": [
            {**section, "entries": [_line(line) for line in section["lines"]]}
            for section in document["sections"]
        ],
        "moved": any(section["lines"] for section in document["sections"]),
        "complete": document["complete"],
        "party": party,
        "months": months_of(UUID(party)),
        "here": month,
    }
    return render(request, "portal/resident/statement.html", context)


@require_safe
@signed_in
def statement_download(request: HttpRequest, month: str, form: str) -> HttpResponseBase:
    """The statement as PDF or CSV."""
    party, _parties = _party(request)
    return statement_file(UUID(party), month, form)
