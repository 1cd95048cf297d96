"""The public page of a call as it would be, drawn from a document that is not published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from contributions.selectors.calls import document_as_published
from portal.public.calls import call_context


# Any: a call document, JSON of DESIGN's shape
def preview_of(
    request: HttpRequest, document: Mapping[str, Any], *, published: bool, waits: bool = True
) -> HttpResponse:
    """The page, marked as a preview; its figures are those of a call without any data yet.

    `published` where readers have a page of the call already, `waits` where they see this wording
    only after it is published.
    """
    context = {
        **call_context(document_as_published(document)),
        "preview": True,
        "published": published,
        "waits": waits,
    }
    return render(request, "portal/public/call.html", context)
