"""Photos beside a contribution: adding them from a phone's camera, and looking at one."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from contributions.api.photos import photo_file
from contributions.evidence.arriving import keep_in_memory, sent_photos
from contributions.evidence.selectors import photo_for
from contributions.evidence.services import add_photos
from contributions.selectors import contribution_for
from dure.accounts.acting import Actor
from dure.core.problems import Problem
from portal.doors import signed_in
from portal.error_summary import summary_of_problem
from portal.resident.contributions import contribution_page


@csrf_exempt
def photos(request: HttpRequest, receipt: str) -> HttpResponseBase:
    """Keeps what arrives in memory; the token is examined right behind this door."""
    keep_in_memory(request)
    return _photos(request, receipt)


@csrf_protect
@require_POST
@signed_in
def _photos(request: HttpRequest, receipt: str) -> HttpResponseBase:
    actor = Actor.of(request)
    found = contribution_for(actor, receipt)
    try:
        added = add_photos(acting=actor, receipt=receipt, sent=sent_photos(request.FILES))
    except Problem as problem:
        summary = summary_of_problem(problem, {"photo": "photo"})
        return contribution_page(request, found, problems=summary)
    said = ngettext("The photo was added.", "%(count)d photos were added.", len(added))
    messages.success(request, said % {"count": len(added)})
    return redirect("portal:contribution", receipt)


@require_safe
@signed_in
def photo(request: HttpRequest, receipt: str, photo_id: UUID) -> HttpResponseBase:
    """The picture itself, for whoever may see it."""
    return photo_file(photo_for(Actor.of(request), receipt, photo_id))
