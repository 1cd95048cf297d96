"""Pages that hold words only: help, privacy, accessibility and error codes."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dure.core.problems import PROBLEM_KINDS
from governance import four_eyes, keys
from governance.log import acknowledgement
from portal.worth import rate_text

#: Rooms that name problems of their own and are otherwise loaded when they are first needed.
LOADED_LATE = (four_eyes, keys, acknowledgement)


@require_safe
def help_page(request: HttpRequest) -> HttpResponseBase:
    return render(request, "portal/public/help.html", {"contact": settings.CONTACT_EMAIL})


@require_safe
def how(request: HttpRequest) -> HttpResponseBase:
    """The way from a call to money, with the formula and a sum to follow."""
    return render(request, "portal/public/how.html", {"rate": rate_text()})


@require_safe
def privacy(request: HttpRequest) -> HttpResponseBase:
    return render(request, "portal/public/privacy.html")


@require_safe
def accessibility(request: HttpRequest) -> HttpResponseBase:
    contact = {
        "contact_email": settings.CONTACT_EMAIL,
        "contact_phone": settings.CONTACT_PHONE,
    }
    return render(request, "portal/public/accessibility.html", contact)


@require_safe
def errors(request: HttpRequest) -> HttpResponseBase:
    kinds = sorted(PROBLEM_KINDS.values(), key=lambda kind: kind.code)
    return render(request, "portal/public/error_kinds.html", {"kinds": kinds})


@require_safe
def error(request: HttpRequest, code: str) -> HttpResponseBase:
    kind = PROBLEM_KINDS.get(code)
    if kind is None:
        raise Http404
    return render(request, "portal/public/error_kind.html", {"kind": kind})
