"""Which organisation a member works for at the moment; for everybody else there is none."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponseBase

from dure.accounts.acting import Actor
from dure.accounts.models import Organisation
from dure.accounts.selectors import organisations_of
from portal.doors import signed_in

P = ParamSpec("P")


def organisations(request: HttpRequest) -> list[Organisation]:
    """Organisations of the person; 404 for a person without any."""
    found = organisations_of(Actor.of(request).require_person())
    if not found:
        raise Http404
    return found


def members_only(
    view: Callable[Concatenate[HttpRequest, Organisation, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Gives the view the organisation named by ``?organisation=``, or the first one."""

    @wraps(view)
    def shown(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        found = organisations(request)
        named = request.POST.get("organisation") or request.GET.get("organisation")
        if not named:
            return view(request, found[0], *args, **kwargs)
        chosen = next((one for one in found if str(one.id) == named), None)
        if chosen is None:
            raise Http404
        return view(request, chosen, *args, **kwargs)

    return signed_in(shown)
