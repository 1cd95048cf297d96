"""Settlements in public: what was closed, approved and paid, each with its manifest."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from contributions.models import CallVersion
from dure.core.language import localized
from dure.core.money import format_amount
from dure.core.problems import NOT_FOUND
from governance.cases.selectors import findings_about
from portal.auditor.cases.words import finding_views
from portal.auditor.verify import verifier_address
from portal.doors import shows_problems
from portal.formatting import amount_text
from rewards.epochs.selectors import EpochDocument, epoch_document, epoch_documents, epoch_for
from rewards.epochs.selectors import epochs as all_epochs
from rewards.holdback.selectors import pledge_document, waiting_by_epoch
from rewards.models import Epoch, EpochState

EPOCHS_SHOWN = 50


def state_text(state: str) -> str:
    """What the state of a settlement is called."""
    return {
        "open": _("Running"),
        "closed": _("Waiting for approval"),
        "approved": _("Approved and credited"),
        "rejected": _("Rejected, nothing was paid"),
    }.get(state, state)


def call_titles(slugs: set[str]) -> dict[str, str]:
    """Titles of published calls by slug."""
    versions = CallVersion.objects.filter(published_for__slug__in=slugs).select_related("call")
    return {version.call.slug: localized(version.document["title"]) for version in versions}


def epoch_title(call: str, number: int) -> str:
    """How a settlement is named to people."""
    return _("%(call)s, settlement %(number)d") % {"call": call, "number": number}


def held_back_text(waiting: int, asset: str) -> str:
    """What of a settlement still waits; nothing where nothing does."""
    if not waiting:
        return ""
    return _("%(amount)s held back") % {"amount": amount_text(format_amount(waiting), asset)}


def _row(
    document: EpochDocument, titles: dict[str, str], waiting: int = 0
) -> dict[str, Any]:  # Any: a template's context
    call = titles.get(document["call"], document["call"])
    settled = document["manifest_sha256"] is not None
    return {
        "id": document["id"],
        "name": epoch_title(call, document["number"]),
        "state": state_text(document["state"]),
        "total": document["total"],
        "asset": document["asset"] or "DURE",
        "held_back": held_back_text(waiting, document["asset"] or "DURE"),
        "closed_at": document["closed_at"],
        "contributions": document["contributions"],
        "manifest_url": f"/api/v1/epochs/{document['id']}/manifest/" if settled else "",
    }


@gzip_page
@require_safe
def epochs(request: HttpRequest) -> HttpResponseBase:
    found = list(all_epochs().exclude(state=EpochState.OPEN)[:EPOCHS_SHOWN])
    documents = epoch_documents(found)
    titles = call_titles({document["call"] for document in documents})
    waiting = waiting_by_epoch(epoch.id for epoch in found)
    rows = [
        _row(document, titles, waiting.get(epoch.id, 0))
        for epoch, document in zip(found, documents, strict=True)
    ]
    context = {"epochs": rows}
    return render(request, "portal/auditor/epochs.html", context)


def settled_epochs(*, call: str = "") -> list[tuple[str, str]]:
    """Identifier and name of the newest closed settlements, of one call or of all."""
    found = all_epochs(call=call or None).exclude(state=EpochState.OPEN)[:EPOCHS_SHOWN]
    epochs_ = list(found)
    titles = call_titles({epoch.call.slug for epoch in epochs_})
    return [
        (str(each.id), epoch_title(titles.get(each.call.slug, each.call.slug), each.number))
        for each in epochs_
    ]


def manifest_address(epoch_id: str) -> str:
    """Where a manifest is downloaded from, in whole."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/api/v1/epochs/{epoch_id}/manifest/"


def epoch_view(found: Epoch) -> dict[str, Any]:  # Any: a template's context
    """A settlement with where its manifest is and what computes it again."""
    document = epoch_document(found)
    titles = call_titles({document["call"]})
    return {
        **_row(document, titles),
        "call": document["call"],
        "call_title": titles.get(document["call"], document["call"]),
        "document": document,
        "manifest_address": manifest_address(str(found.id)),
        "verifier_address": verifier_address(),
    }


@gzip_page
@require_safe
@shows_problems
def epoch(request: HttpRequest, epoch_id: UUID) -> HttpResponseBase:
    """One closed settlement: its hashes, how to compute it again, and what auditors found."""
    found = epoch_for(epoch_id)
    if found.state == EpochState.OPEN:
        raise NOT_FOUND.problem()
    context = {
        "epoch": epoch_view(found),
        "pledge": pledge_document(Epoch.objects.defer("manifest").get(id=found.id)),
        "findings": finding_views(findings_about("epoch", str(epoch_id))),
    }
    return render(request, "portal/auditor/epoch.html", context)
