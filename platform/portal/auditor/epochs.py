"""Settlements in public: what was closed, approved and paid, each with its manifest."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from contributions.models import CallVersion
from dure.core.language import localized
from rewards.epochs.selectors import EpochDocument, epoch_document
from rewards.epochs.selectors import epochs as all_epochs
from rewards.models import EpochState

EPOCHS_SHOWN = 50


def state_text(state: str) -> str:
    """What the state of a settlement is called."""
    return {
        "open": _("Running"),
        "closed": _("Waiting for approval"),
        "approved": _("Approved and paid"),
        "rejected": _("Rejected, nothing was paid"),
    }.get(state, state)


def call_titles(slugs: set[str]) -> dict[str, str]:
    """Titles of published calls by slug."""
    versions = CallVersion.objects.filter(published_for__slug__in=slugs).select_related("call")
    return {version.call.slug: localized(version.document["title"]) for version in versions}


def epoch_title(call: str, number: int) -> str:
    """How a settlement is named to people."""
    return _("%(call)s, settlement %(number)d") % {"call": call, "number": number}


def _row(document: EpochDocument, titles: dict[str, str]) -> dict[str, Any]:  # Any: a context
    call = titles.get(document["call"], document["call"])
    settled = document["manifest_sha256"] is not None
    return {
        "name": epoch_title(call, document["number"]),
        "state": state_text(document["state"]),
        "total": document["total"],
        "asset": document["asset"] or "DURE",
        "closed_at": document["closed_at"],
        "contributions": document["contributions"],
        "manifest_url": f"/api/v1/epochs/{document['id']}/manifest/" if settled else "",
    }


@gzip_page
@require_safe
def epochs(request: HttpRequest) -> HttpResponseBase:
    found = all_epochs().exclude(state=EpochState.OPEN)[:EPOCHS_SHOWN]
    documents = [epoch_document(epoch) for epoch in found]
    titles = call_titles({document["call"] for document in documents})
    context = {"epochs": [_row(document, titles) for document in documents]}
    return render(request, "portal/auditor/epochs.html", context)
