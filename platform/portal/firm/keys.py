"""Keys of an organisation's programs: made, shown once, replaced, ended; and the way to go live."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from dure.accounts import api_key_services as services
from dure.accounts.acting import Actor
from dure.accounts.models import ApiKey, LiveReview, Organisation
from dure.accounts.scopes import EVERYTHING, FOR_ORGANISATIONS, SCOPES, TEST_SCOPES
from dure.core.clock import now
from dure.core.problems import NOT_ALLOWED, Problem
from portal.error_summary import ErrorSummary, Item, summary_of_problem
from portal.firm.frame import frame
from portal.firm.membership import members_only

KEYS_SHOWN = 100
_ANCHORS = {
    "scopes": f"scope-{FOR_ORGANISATIONS[0]}",
    "kind": "kind-test",
    "purpose": "purpose",
}


def scope_text(scope: str) -> str:
    """What a scope opens, in words."""
    return _("Everything") if scope == EVERYTHING else str(SCOPES[scope])


def _rows(organisation: Organisation) -> list[dict[str, Any]]:  # Any: a template's context
    moment = now()
    found = ApiKey.objects.filter(organisation=organisation).select_related("person")
    return [
        {
            "id": key.id,
            "name": key.name,
            "prefix": key.prefix,
            "live": key.live,
            "by": key.person.name,
            "created_at": key.created_at,
            "expires_at": key.expires_at,
            "last_used_at": key.last_used_at,
            "scopes": [scope_text(scope) for scope in key.scopes if scope in (*SCOPES, EVERYTHING)],
            "revoked": key.revoked_at is not None,
            "replaced": key.successor_id is not None,
            "usable": key.revoked_at is None and key.expires_at > moment,
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
    chosen = request.POST.getlist("scopes") if problems else list(FOR_ORGANISATIONS)
    review = organisation.live_reviews.order_by("-asked_at").first()
    context = {
        **frame(request, organisation),
        "keys": _rows(organisation),
        "secret": secret,
        "problems": problems,
        "review": review,
        "waiting": review is not None and review.state == LiveReview.State.ASKED,
        "declined": review is not None and review.state == LiveReview.State.DECLINED,
        "purpose": request.POST.get("purpose", "")[: services.PURPOSE_LENGTH_MAX],
        "kind": request.POST.get("kind", "test") if problems else "test",
        "name": request.POST.get("name", "")[: services.NAME_LENGTH_MAX] if problems else "",
        "scopes": [
            {
                "code": scope,
                "label": scope_text(scope),
                "checked": scope in chosen,
                "live_only": scope not in TEST_SCOPES,
            }
            for scope in FOR_ORGANISATIONS
        ],
        "lifetimes": services.LIFETIMES_DAYS,
        "overlap_days": services.OVERLAP.days,
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
    acting = _developer(request, organisation)
    kind, days = request.POST.get("kind", ""), request.POST.get("days", "365")
    if kind not in ("test", "live"):
        items = (Item(_("Choose a test key or a live key."), "kind-test"),)
        return _page(request, organisation, problems=ErrorSummary(items=items))
    if days not in {str(each) for each in services.LIFETIMES_DAYS}:
        items = (Item(_("Choose how long the key lasts."), "days"),)
        return _page(request, organisation, problems=ErrorSummary(items=items))
    chosen = [scope for scope in FOR_ORGANISATIONS if scope in request.POST.getlist("scopes")]
    if kind == "test":
        # What only a live key opens stays ticked in the form and does no harm.
        chosen = [scope for scope in chosen if scope in TEST_SCOPES]
    try:
        _key, secret = services.issue_api_key(
            acting=acting,
            person=acting.require_person(),
            organisation=organisation,
            live=kind == "live",
            scopes=chosen,
            name=request.POST.get("name", ""),
            lifetime=timedelta(days=int(days)),
        )
    except Problem as problem:
        return _page(request, organisation, problems=summary_of_problem(problem, _ANCHORS))
    return _page(request, organisation, secret=secret)


@never_cache
@require_POST
@members_only
def rotation(request: HttpRequest, organisation: Organisation, key_id: UUID) -> HttpResponseBase:
    """A key that takes over; the old one goes on for a week."""
    acting, key = _key_of(request, organisation, key_id)
    try:
        _new, secret = services.rotate_api_key(acting=acting, key_id=key.id)
    except Problem as problem:
        if problem.kind.status == 404:
            raise
        return _page(request, organisation, problems=summary_of_problem(problem))
    return _page(request, organisation, secret=secret)


@require_POST
@members_only
def revocation(request: HttpRequest, organisation: Organisation, key_id: UUID) -> HttpResponseBase:
    """End a key at once."""
    acting, key = _key_of(request, organisation, key_id)
    services.revoke_api_key(acting=acting, key=key)
    messages.success(request, _("The key was revoked. It no longer opens anything."))
    return _back(organisation)


@require_POST
@members_only
def live_access(request: HttpRequest, organisation: Organisation) -> HttpResponseBase:
    """Ask the city to look at what the organisation wants to do live."""
    try:
        services.ask_for_live_access(
            acting=_developer(request, organisation),
            organisation=organisation,
            purpose=request.POST.get("purpose", ""),
        )
    except Problem as problem:
        if problem.kind.status in (401, 403):
            raise
        return _page(request, organisation, problems=summary_of_problem(problem, _ANCHORS))
    messages.success(request, _("Your request is with the city. The answer will stand here."))
    return _back(organisation)


def _developer(request: HttpRequest, organisation: Organisation) -> Actor:
    acting = Actor.of(request)
    if not acting.acts_for(organisation.party_id):
        raise NOT_ALLOWED.problem()
    return acting


def _key_of(request: HttpRequest, organisation: Organisation, key_id: UUID) -> tuple[Actor, ApiKey]:
    acting = _developer(request, organisation)
    key = ApiKey.objects.filter(id=key_id, organisation=organisation).first()
    if key is None:
        raise Http404
    return acting, key


def _back(organisation: Organisation) -> HttpResponse:
    return redirect(f"{reverse('portal:firm-keys')}?organisation={organisation.id}")
