"""A call in preparation: its whole document, to be proposed by one person, approved by another."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contributions.calls.services import publish_call
from contributions.models import CallVersion
from contributions.selectors import version_in_preparation
from dure.accounts.acting import Actor
from dure.core.language import localized
from dure.core.problems import Problem
from portal.doors import operators_only
from portal.error_summary import summary_of_problem


def _context(version: CallVersion) -> dict[str, Any]:  # Any: a template's context
    document = version.document
    return {
        "title": localized(document["title"]),
        "description": localized(document["description"]),
        "proposed": version.state == CallVersion.State.PROPOSED,
        "number": version.number,
        "author": version.author.name,
        "proposer": version.proposer.name if version.proposer else "",
        "pool": document["pool"]["amount"],
        "asset": document["pool"]["asset"],
        "target": document["target_mass"],
        "document_json": json.dumps(document, ensure_ascii=False, indent=2),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def call(request: HttpRequest, slug: str) -> HttpResponseBase:
    version = version_in_preparation(slug)
    if version is None:
        raise Http404
    if request.method != "POST":
        return render(request, "portal/operator/call.html", _context(version))
    try:
        done = publish_call(acting=Actor.of(request), slug=slug)
    except Problem as problem:
        context = {**_context(version), "problems": summary_of_problem(problem)}
        return render(request, "portal/operator/call.html", context, status=422)
    published = done.state == CallVersion.State.PUBLISHED
    messages.success(
        request,
        _("The call is published.") if published else _("Publication is proposed."),
    )
    return redirect("portal:console")
