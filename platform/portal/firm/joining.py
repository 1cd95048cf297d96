"""Coming to an organisation: founding one, or following an invitation."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from dure.accounts import membership as services
from dure.accounts.acting import Actor
from dure.accounts.models import Invitation
from dure.core.clock import now
from dure.core.language import localized
from dure.core.problems import Problem
from portal.doors import signed_in
from portal.error_summary import ErrorSummary, summary_of_problem
from portal.firm.frame import role_text

_ANCHORS = {"name_ko": "name_ko", "name_en": "name_en", "kind": "kind-firm"}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def founding(request: HttpRequest) -> HttpResponseBase:
    """Register an organisation; whoever does becomes its owner and has test keys at once."""
    if request.method != "POST":
        return _founding(request)
    try:
        organisation = services.found_organisation(
            acting=Actor.of(request),
            name={code: request.POST.get(f"name_{code}", "") for code in ("ko", "en")},
            kind=request.POST.get("kind", ""),
        )
    except Problem as problem:
        return _founding(request, summary_of_problem(problem, _ANCHORS))
    messages.success(request, _("The organisation is registered. Make a test key to begin."))
    return redirect(f"{reverse('portal:firm-keys')}?organisation={organisation.id}")


def _founding(request: HttpRequest, problems: ErrorSummary | None = None) -> HttpResponse:
    wrong = {item.anchor: item.message for item in problems.items} if problems else {}
    context = {
        "problems": problems,
        "fields": [
            {
                "name": f"name_{code}",
                "label": label,
                "value": request.POST.get(f"name_{code}", "")[:120],
                "problem": wrong.get(f"name_{code}", ""),
            }
            for code, label in (("ko", _("Name in Korean")), ("en", _("Name in English")))
        ],
        "kind": request.POST.get("kind", ""),
        "kind_problem": wrong.get("kind-firm", ""),
    }
    return render(request, "portal/firm/new.html", context, status=422 if problems else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def invitation(request: HttpRequest, invitation_id: UUID) -> HttpResponseBase:
    """What somebody is invited to; for everybody but the invited address there is nothing here."""
    acting = Actor.of(request)
    if request.method == "POST":
        if "decline" in request.POST:
            services.decline_invitation(acting=acting, invitation_id=invitation_id)
            messages.success(request, _("You declined the invitation."))
            return redirect("portal:home")
        joined = services.accept_invitation(acting=acting, invitation_id=invitation_id)
        messages.success(request, _("You belong to the organisation now."))
        return redirect(f"{reverse('portal:firm')}?organisation={joined.organisation_id}")
    found = (
        Invitation.objects.select_related("organisation", "invited_by")
        .filter(
            id=invitation_id,
            email=acting.require_person().email,
            ended_at=None,
            expires_at__gt=now(),
        )
        .first()
    )
    if found is None:
        raise Http404
    context = {
        "organisation_name": localized(found.organisation.name),
        "role_label": role_text(found.role),
        "by": found.invited_by.name,
        "expires_at": found.expires_at,
    }
    return render(request, "portal/firm/invitation.html", context)
