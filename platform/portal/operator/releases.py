"""Recalled releases: what is given out in their place, and why nothing is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contributions.models import Release, ReleaseState
from contributions.models.releases import PENDING
from contributions.releases.patching import last_tries, try_again
from contributions.releases.problems import release_reason
from contributions.releases.selectors import release_documents
from dure.accounts.acting import Actor
from dure.core.problems import Problem
from portal.doors import operators_only
from portal.public.data import purpose_name, release_name

PATCHES_SHOWN = 50
#: The gate found the difference of two versions, or a group in one, too small to be given out.
DISCLOSURE = "disclosure"


def _row(release: Release, tried: Release | None, document: dict[str, Any]) -> dict[str, Any]:
    """A recalled release and how its patch fares. Any: a template's context."""
    state = tried.state if tried is not None else ReleaseState.REQUESTED
    held = state == ReleaseState.REFUSED
    counts = tried.reason_params if tried is not None else {}
    return {
        "id": release.id,
        "name": release_name(document),
        "purpose": purpose_name(release),
        "since": release.superseded_at,
        "pending": state in PENDING,
        "failed": state == ReleaseState.FAILED,
        "held": held,
        "reason": release_reason(tried.reason_rule) if tried is not None else "",
        "disclosure": held and tried is not None and tried.reason_rule == DISCLOSURE,
        "suppressed": counts.get("suppressed", 0),
        "records": counts.get("records", 0),
        "tried_at": tried.ended_at if tried is not None else None,
    }


@require_safe
@operators_only
def board(request: HttpRequest) -> HttpResponse:
    """What was recalled and has no successor yet, the longest waiting first; then the patches."""
    tries = last_tries()
    documents = release_documents([release for release, _tried in tries])
    patches = (
        Release.objects.filter(patch_of__isnull=False, state=ReleaseState.PUBLISHED)
        .select_related("call", "call_version", "patch_of")
        .prefetch_related("files")
        .order_by("-ended_at", "-id")[:PATCHES_SHOWN]
    )
    context = {
        "rows": [
            _row(release, tried, document)
            for (release, tried), document in zip(tries, documents, strict=True)
        ],
        "patches": [
            {
                "id": patch.id,
                "name": release_name({"title": patch.call_version.document["title"],
                                      "label": patch.version}),
                "purpose": purpose_name(patch),
                "before": patch.patch_of.version if patch.patch_of else "",
                "records": patch.records,
                "published_at": patch.ended_at,
            }
            for patch in patches
        ],
    }  # fmt: skip
    return render(request, "portal/operator/releases.html", context)


@require_POST
@operators_only
def patching(request: HttpRequest, release_id: UUID) -> HttpResponseBase:
    """Ask once more for a patch that failed by an error of ours."""
    try:
        try_again(acting=Actor.of(request), release_id=release_id)
    except Problem as problem:
        if problem.kind.status != 409:
            raise
        messages.error(request, f"{problem.kind.title}. {problem.kind.advice}")
    else:
        messages.success(request, _("The patch is asked for again."))
    return redirect("portal:console-releases")
