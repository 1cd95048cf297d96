"""Pages that hold words only: help, privacy, accessibility and error codes."""

from __future__ import annotations

import json

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dure.core.language import city_name
from dure.core.problems import PROBLEM_KINDS
from governance import four_eyes, keys
from governance.log import acknowledgement
from portal.formatting import phone_text
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
    context = {"contact": settings.CONTACT_EMAIL, "city": city_name()}
    return render(request, "portal/public/privacy.html", context)


@require_safe
def accessibility(request: HttpRequest) -> HttpResponseBase:
    contact = {
        "contact_email": settings.CONTACT_EMAIL,
        "contact_phone": settings.CONTACT_PHONE,
        "phone_text": phone_text(settings.CONTACT_PHONE),
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
    why, again = reason_of(kind.status)
    context = {
        "kind": kind,
        "why": why,
        "again": again,
        "document": json.dumps(kind.problem().document(), ensure_ascii=False, indent=2),
    }
    return render(request, "portal/public/error_kind.html", context)


def reason_of(status: int) -> tuple[str, str]:
    """Why an answer has this status, and whether sending the same request again can help."""
    changed = _("Not as it is: change the request first, or it is refused again.")
    return {
        401: (
            _("The request carries no key or session, or one that has ended."),
            _("With a valid key, yes."),
        ),
        403: (
            _("We know who asks, and what is asked is not theirs to do."),
            _("Not with this key; with one that has the area or the role, yes."),
        ),
        404: (
            _("There is no such thing, or it is somebody else’s. Both are answered alike, so that "
              "nobody learns of what is not theirs."),
            changed,
        ),
        409: (
            _("The request is sound, and what it builds on is in another state by now."),
            _("Look at the state first. Once it fits, the same request may pass."),
        ),
        429: (
            _("More was sent in a short time than one caller may send."),
            _("Yes, after the seconds in Retry-After."),
        ),
        500: (
            _("A fault of ours. Nothing was changed by halves."),
            _("Yes, with the same Idempotency-Key: nothing is done twice."),
        ),
        503: (
            _("Too much is under way at this moment."),
            _("Yes, after the seconds in Retry-After and with the same Idempotency-Key."),
        ),
    }.get(
        status,
        (
            _("The request has the right form, and a rule refuses what is in it.")
            if status == 422
            else _("The request does not have the form that this address takes."),
            changed,
        ),
    )  # fmt: skip
