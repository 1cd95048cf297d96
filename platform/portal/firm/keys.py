"""Keys of an organisation's programs: made, shown once, revoked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from dure.accounts.acting import Actor
from dure.accounts.models import ApiKey, Organisation
from dure.accounts.services import issue_api_key, revoke_api_key
from dure.core.clock import now
from portal.error_summary import ErrorSummary, Item
from portal.firm.desk import frame
from portal.firm.membership import members_only

KEYS_SHOWN = 100


def _rows(request: HttpRequest, organisation: Organisation) -> list[dict[str, Any]]:  # Any: context
    own = Actor.of(request).require_person()
    moment = now()
    found = ApiKey.objects.filter(organisation=organisation).select_related("person")
    return [
        {
            "id": key.id,
            "prefix": key.prefix,
            "live": key.live,
            "by": key.person.name,
            "created_at": key.created_at,
            "expires_at": key.expires_at,
            "last_used_at": key.last_used_at,
            "revoked": key.revoked_at is not None,
            "usable": key.revoked_at is None and key.expires_at > moment,
            "own": key.person_id == own.id,
        }
        for key in found.order_by("-created_at", "id")[:KEYS_SHOWN]
    ]


def _page(
    request: HttpRequest,
    organisation: Organisation,
    *,
    secret: str = "",
    problems: ErrorSummary | None = None,
) -> HttpResponse:
    context = {
        **frame(request, organisation),
        "keys": _rows(request, organisation),
        "secret": secret,
        "problems": problems,
    }
    status = 422 if problems else 200
    return render(request, "portal/firm/keys.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def keys(request: HttpRequest, organisation: Organisation) -> HttpResponseBase:
    """The keys; a new one's secret stands in this one answer and nowhere else."""
    if request.method != "POST":
        return _page(request, organisation)
    kind = request.POST.get("kind", "")
    if kind not in ("test", "live"):
        items = (Item(_("Choose a test key or a live key."), "kind-test"),)
        return _page(request, organisation, problems=ErrorSummary(items=items))
    actor = Actor.of(request)
    _key, secret = issue_api_key(
        acting=actor,
        person=actor.require_person(),
        organisation=organisation,
        live=kind == "live",
    )
    return _page(request, organisation, secret=secret)


@require_POST
@members_only
def revocation(request: HttpRequest, organisation: Organisation, key_id: UUID) -> HttpResponseBase:
    """End a key at once."""
    key = ApiKey.objects.filter(id=key_id, organisation=organisation).first()
    if key is None:
        raise Http404
    revoke_api_key(acting=Actor.of(request), key=key)
    messages.success(request, _("The key was revoked. It no longer opens anything."))
    return redirect(f"{reverse('portal:firm-keys')}?organisation={organisation.id}")
