"""The statement of one month, made to be printed."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet
from django.db.models.functions import TruncMonth
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import formats, timezone
from django.views.decorators.http import require_safe

from dure.accounts.acting import Actor
from dure.core.language import current
from portal.doors import signed_in
from portal.resident.redemptions import parties_of
from portal.resident.wallet import entry_line
from rewards.models import Entry
from rewards.wallet.selectors import entries, entry_documents

_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)
LINES_MAX = 2000


def month_text(first: date) -> str:
    """``2026년 11월`` or ``November 2026``."""
    return formats.date_format(first, "Y년 n월" if current() == "ko" else "F Y")


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


def _bounds(month: str) -> tuple[datetime, datetime]:
    """Beginning of the month and of the next one, in local time."""
    match = _MONTH.fullmatch(month)
    if match is None:
        raise Http404
    year, number = int(match[1]), int(match[2])
    zone = timezone.get_current_timezone()
    first = datetime(year, number, 1, tzinfo=zone)
    return first, datetime(year + number // 12, number % 12 + 1, 1, tzinfo=zone)


def _closing(rows: list[Entry]) -> list[dict[str, Any]]:  # Any: a template's context
    """The balance after the last line of each asset; rows are newest first."""
    last: dict[str, dict[str, Any]] = {}
    for document in entry_documents(rows):
        last.setdefault(document["asset"], {**document})
    return list(last.values())


@require_safe
@signed_in
def statement(request: HttpRequest, month: str) -> HttpResponseBase:
    """Every line of a month with the balance after it; ``?party=`` names another wallet."""
    parties = parties_of(Actor.of(request))
    party = request.GET.get("party") or next(iter(parties))
    if party not in parties:
        raise Http404
    start, end = _bounds(month)
    found: QuerySet[Entry] = entries(UUID(party)).filter(
        transfer__posted_at__gte=start, transfer__posted_at__lt=end
    )
    rows = list(found[:LINES_MAX])
    context = {
        "month": month_text(start.date()),
        "owner": parties[party],
        "name": Actor.of(request).require_person().name,
        "entries": [entry_line(document) for document in entry_documents(rows)],
        "closing": _closing(rows),
        "party": party,
        "months": months_of(UUID(party)),
        "here": month,
    }
    return render(request, "portal/resident/statement.html", context)
