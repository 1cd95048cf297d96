"""What was sent after a session had ended: kept for its writer, and sent once they are back.

It is sealed under a key that nobody has but the browser it was typed in, in a cookie that lasts an
hour; what lies in the session says nothing without it. Passwords and files are not kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet, InvalidToken
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from dure.accounts.acting import Actor
from dure.accounts.rate_limits import UnsentLimit

COOKIE = PLACE = "unsent"
LIFE_S = 3600
#: What is longer than this is no form that somebody filled in by hand.
BYTES_MAX = 128 * 1024
NEVER_KEPT = frozenset({"csrfmiddlewaretoken", "password", "password1", "password2", "oldpassword"})
#: Pages whose drafts are kept as people go along, so that coming back to the page is enough.
DRAFTED = frozenset({"contribute", "contribute-step"})

Fields = list[tuple[str, str]]


class SendAgain(HttpResponseRedirect):
    """A redirect by which browsers send the same form once more, to another address."""

    status_code = 307


def ask_who(request: HttpRequest) -> HttpResponse:
    """Send a stranger to log in; what they sent, as a form, waits for them behind it."""
    match = request.resolver_match
    if request.method != "POST":
        return redirect_to_login(request.get_full_path())
    if match is not None and match.url_name in DRAFTED:
        messages.warning(
            request,
            _("Your session had ended, so this page was not sent. Log in and you come back to it; "
              "the pages before it are kept. A file of this page is chosen once more."),
        )  # fmt: skip
        return redirect_to_login(request.get_full_path())
    kept = {
        "path": request.get_full_path(),
        "page": page_before(request),
        "fields": fields_of(request),
        "files": bool(request.FILES),
    }
    plain = json.dumps(kept).encode()
    if len(plain) > BYTES_MAX or not UnsentLimit().allow(request):
        messages.warning(request, _("Your session had ended, so nothing was sent."))
        return redirect_to_login(page_before(request) or reverse("portal:home"))
    key = Fernet.generate_key()
    request.session[PLACE] = Fernet(key).encrypt(plain).decode()
    messages.warning(
        request,
        _("Your session had ended, so nothing was sent. What you typed is kept: log in and send "
          "it."),
    )  # fmt: skip
    answer = redirect_to_login(reverse("portal:unsent"))
    answer.set_cookie(
        COOKIE, key.decode(), max_age=LIFE_S, httponly=True, samesite="Lax",
        secure=request.is_secure(),
    )  # fmt: skip
    return answer


def fields_of(request: HttpRequest) -> Fields:
    """Name and value of everything in a form that may be kept, in its order."""
    return [
        (name, str(value))
        for name, values in request.POST.lists()
        if name not in NEVER_KEPT
        for value in values
    ]


def page_before(request: HttpRequest) -> str:
    """The page of ours from which the form was sent; empty where the browser does not say."""
    before = urlsplit(request.headers.get("Referer", ""))
    return before.path if before.path and before.netloc == request.get_host() else ""


def came_from_us(request: HttpRequest) -> bool:
    """Whether the browser says that a page of ours sent this form; others cannot make it say so."""
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"


def told(fields: Iterable[tuple[str, str]]) -> list[str]:
    """The texts among the fields: what a person wrote, not what a page wrote for itself."""
    return [value for _name, value in fields if len(value.split()) > 1 or not value.isascii()]


def offer(request: HttpRequest, kept: dict[str, Any], heading: str, text: str) -> HttpResponse:
    """The page on which somebody sends what is kept, or throws it away."""
    context = {**kept, "told": told(kept["fields"]), "heading": heading, "text": text}
    return render(request, "portal/public/unsent.html", context)


def _kept(request: HttpRequest) -> dict[str, Any] | None:  # Any: what was typed, as JSON
    sealed, key = request.session.get(PLACE), request.COOKIES.get(COOKIE, "")
    if not isinstance(sealed, str):
        return None
    try:
        found: dict[str, Any] = json.loads(
            Fernet(key.encode()).decrypt(sealed.encode(), ttl=LIFE_S)
        )
    except (ValueError, InvalidToken):
        return None
    return found


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsent(request: HttpRequest) -> HttpResponseBase:
    """What was kept; POST sends it where it was meant to go, or forgets it (`unsent=discard`)."""
    kept = _kept(request)
    if request.method != "POST":
        if not request.user.is_authenticated:
            return redirect_to_login(reverse("portal:unsent"))
        if kept is None:
            request.session.pop(PLACE, None)
            return redirect("portal:home")
        text = _("Nothing was sent and nothing was changed. What you typed is kept for an hour: "
                 "send it now as %(name)s, or throw it away.")  # fmt: skip
        name = Actor.of(request).require_person().name
        return offer(
            request, kept | {"sends_to": reverse("portal:unsent")},
            _("You had been logged out"), text % {"name": name},
        )  # fmt: skip
    request.session.pop(PLACE, None)
    if kept is None:
        answer: HttpResponseBase = redirect("portal:home")
    elif request.POST.get("unsent") == "discard":
        messages.info(request, _("What you had typed was thrown away. Nothing was sent."))
        answer = redirect(kept["page"] or "portal:home")
    else:
        answer = SendAgain(kept["path"])
    answer.delete_cookie(COOKIE, samesite="Lax")
    return answer
