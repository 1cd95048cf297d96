"""One's own district, chosen without an account: kept in a cookie, told to nobody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from contributions.strata_labels import DISTRICTS
from dure.accounts.models import Person
from dure.core.language import localized

COOKIE = "dure_district"
KEPT = timedelta(days=365)


def own_district(request: HttpRequest) -> str:
    """The code of the chosen district, else the verified one of whoever is signed in, else ""."""
    chosen = request.COOKIES.get(COOKIE, "")
    if chosen in DISTRICTS:
        return chosen
    user = request.user
    return user.district if isinstance(user, Person) else ""


def district_context(request: HttpRequest) -> dict[str, Any]:  # Any: a template's context
    """What the form for choosing needs; ``own_district`` is the chosen one's name or empty."""
    chosen = own_district(request)
    return {
        "district_choices": _choices(chosen),
        "own_district": localized(DISTRICTS[chosen]) if chosen in DISTRICTS else "",
    }


def _choices(chosen: str) -> list[dict[str, object]]:
    """Every district of the city by name, for a list to choose from."""
    named = [(code, localized(names)) for code, names in DISTRICTS.items()]
    return [
        {"code": code, "name": name, "chosen": code == chosen}
        for code, name in sorted(named, key=lambda one: one[1])
    ]


@never_cache
@require_safe
def choose_district(request: HttpRequest) -> HttpResponse:
    """Keeps the choice, or forgets it where none is named, and goes back to the page."""
    wanted = request.GET.get("next", "")
    fits = url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, require_https=request.is_secure()
    )
    answer = redirect(wanted if fits else reverse("portal:calls"))
    code = request.GET.get("district", "")
    if code in DISTRICTS:
        answer.set_cookie(
            COOKIE,
            code,
            max_age=KEPT,
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
    else:
        answer.delete_cookie(COOKIE, samesite="Lax")
    return answer
