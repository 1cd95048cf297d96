"""What an organisation pushes: the latest push of each call, errors, and how far it moved."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from contributions.selectors.feeds import feed_documents, feed_lines
from dure.accounts.models import Organisation
from portal.auditor.epochs import call_titles
from portal.drift_words import changes, form_lines, psi_rows
from portal.firm.frame import frame
from portal.firm.membership import members_only
from portal.formatting import rows_of_all_text

FEEDS_SHOWN = 50


def feed_context(feed: dict[str, Any], title: str) -> dict[str, Any]:  # Any: a template's context
    """A feed's document with its figures in words."""
    counts: dict[str, int] = feed["counts"]
    return {
        **feed,
        "title": title,
        "set_aside": rows_of_all_text(counts["quarantined"], counts["received"])
        if counts["received"]
        else "",
        "compared": feed["drift"] is not None,
        "psi": psi_rows(feed["drift"]),
        "changes": changes(feed["drift"]),
        "form": form_lines(feed["fingerprint"]),
    }


@require_safe
@members_only
def feeds(request: HttpRequest, organisation: Organisation) -> HttpResponseBase:
    """One card for each call that the organisation pushes to."""
    found = feed_documents(feed_lines([organisation.party_id])[:FEEDS_SHOWN])
    titles = call_titles({feed["call"] for feed in found})
    context = {
        **frame(request, organisation),
        "feeds": [feed_context(feed, titles.get(feed["call"]) or feed["call"]) for feed in found],
    }
    return render(request, "portal/firm/feeds.html", context)
