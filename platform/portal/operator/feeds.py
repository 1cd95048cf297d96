"""How the pushes to a call move, across organisations and over time."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contributions.selectors.feeds import (
    calls_with_pushes,
    feed_documents,
    feed_lines,
    pushes_of_call,
)
from dure.accounts.models import Organisation
from dure.core.language import localized
from governance.log.remembering import as_of_the_log
from portal.auditor.charts import BarChart, bar_chart
from portal.auditor.epochs import call_titles
from portal.doors import operators_only
from portal.drift_words import changes
from portal.firm.feeds import FEEDS_SHOWN, feed_context
from portal.formatting import number_text, share_text

Context = dict[str, Any]  # Any: a template's context


def _names(parties: set[str]) -> dict[str, str]:
    """Organisations by their party; people have no name here."""
    found = Organisation.objects.filter(party_id__in=[UUID(each) for each in parties])
    return {str(one.party_id): localized(one.name) for one in found}


def _push(push: Context, names: dict[str, str]) -> Context:
    return {
        **push,
        "owner": names.get(push["party"]) or _("Individual"),
        "psi_text": "–" if push["psi"] is None else number_text(str(push["psi"]), 3),
        "changes": changes(push),
    }


def _errors_chart(pushes: list[Context]) -> BarChart | None:
    return bar_chart(
        _("Rows set aside, by push, oldest first"),
        [
            (push["receipt"], Decimal(push["error_rate"]), share_text(push["error_rate"]))
            for push in reversed(pushes)
            if push["error_rate"] is not None
        ],
        whole=Decimal(1),
    )


def _feeds(slug: str) -> list[Context]:
    return feed_documents(feed_lines(call_slug=slug)[:FEEDS_SHOWN])


@require_safe
@operators_only
def feeds(request: HttpRequest) -> HttpResponseBase:
    """The feeds of one call, chosen by `call`; without one, of the call first in the list."""
    slugs = calls_with_pushes()
    chosen = request.GET.get("call") or (slugs[0] if slugs else "")
    if chosen and chosen not in slugs:
        raise Http404
    titles = call_titles(set(slugs))
    found = as_of_the_log(f"feeds:{chosen}", lambda: _feeds(chosen)) if chosen else []
    pushes = pushes_of_call(chosen) if chosen else []
    names = _names({each["party"] for each in (*found, *pushes)})
    context = {
        "calls": [{"slug": slug, "title": titles.get(slug, slug)} for slug in slugs],
        "chosen": chosen,
        "feeds": [feed_context(feed, names.get(feed["party"], "–")) for feed in found],
        "pushes": [_push(push, names) for push in pushes],
        "chart": _errors_chart(pushes),
    }
    return render(request, "portal/operator/feeds.html", context)
