"""The public page of a call as it would be, drawn from a document that is not published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from contributions.selectors.calls import document_as_published
from portal.public.calls import call_context


def preview_of(request: HttpRequest, document: Mapping[str, Any]) -> HttpResponse:  # Any: JSON
    """The page, marked as a preview; its figures are those of a call without any data yet."""
    context = {**call_context(document_as_published(document)), "preview": True}
    return render(request, "portal/public/call.html", context)
