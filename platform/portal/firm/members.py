"""Members of an organisation: who they are, what they may do, who is invited."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from dure.accounts import membership as services
from dure.accounts.acting import Actor
from dure.accounts.models import Organisation
from dure.accounts.roles import MemberRole
from dure.core.clock import now
from dure.core.problems import Problem
from portal.error_summary import ErrorSummary, summary_of_problem
from portal.firm.frame import frame, role_text
from portal.firm.membership import members_only

SHOWN = 200
_ANCHORS = {"email": "email", "role": "role-developer"}


def _roles() -> list[dict[str, str]]:
    hints = {
        MemberRole.OWNER: _("Decides about members and live access, and does all of the below."),
        MemberRole.DEVELOPER: _("Makes keys and webhooks, and sends data for the organisation."),
        MemberRole.VIEWER: _("Sees everything and changes nothing."),
    }
    return [
        {"code": role.value, "label": role_text(role), "hint": hint} for role, hint in hints.items()
    ]


def _page(
    request: HttpRequest,
    organisation: Organisation,
    *,
    problems: ErrorSummary | None = None,
    email: str = "",
    chosen: str = "",
) -> HttpResponse:
    person = Actor.of(request).require_person()
    members = organisation.memberships.select_related("person").order_by("created_at", "id")
    owners = organisation.memberships.filter(role=MemberRole.OWNER).count()
    invited = organisation.invitations.filter(ended_at=None, expires_at__gt=now())
    rows: list[dict[str, Any]] = [  # Any: a template's context
        {
            "id": member.id,
            "name": member.person.name,
            "email": member.person.email,
            "role": member.role,
            "role_label": role_text(member.role),
            "since": member.created_at,
            "own": member.person_id == person.id,
            "only_owner": member.role == MemberRole.OWNER and owners == 1,
        }
        for member in members[:SHOWN]
    ]
    context = {
        **frame(request, organisation),
        "members": rows,
        "invitations": [
            {
                "id": each.id,
                "email": each.email,
                "role_label": role_text(each.role),
                "expires_at": each.expires_at,
                "link": request.build_absolute_uri(
                    reverse("portal:firm-invitation", args=[each.id])
                ),
            }
            for each in invited.order_by("created_at")[:SHOWN]
        ],
        "roles": _roles(),
        "problems": problems,
        "email": email,
        "chosen": chosen or MemberRole.DEVELOPER.value,
    }
    return render(
        request,
        "portal/firm/members.html",
        context,
        status=_status(problems),
    )


def _status(problems: ErrorSummary | None) -> int:
    return 422 if problems else 200


def _back(organisation: Organisation) -> HttpResponse:
    return redirect(f"{reverse('portal:firm-members')}?organisation={organisation.id}")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def members(request: HttpRequest, organisation: Organisation) -> HttpResponseBase:
    """Everybody who belongs to the organisation; owners invite more."""
    if request.method != "POST":
        return _page(request, organisation)
    email, role = request.POST.get("email", ""), request.POST.get("role", "")
    try:
        services.invite(acting=Actor.of(request), organisation=organisation, email=email, role=role)
    except Problem as problem:
        if problem.kind.status in (401, 403, 404):
            raise
        found = summary_of_problem(problem, _ANCHORS)
        return _page(request, organisation, problems=found, email=email[:254], chosen=role)
    messages.success(request, _("The invitation is on its way. It is open for seven days."))
    return _back(organisation)


def _change(
    request: HttpRequest, organisation: Organisation, change: Callable[[], object], done: str
) -> HttpResponseBase:
    try:
        change()
    except Problem as problem:
        if problem.kind.status in (401, 403, 404):
            raise
        return _page(request, organisation, problems=summary_of_problem(problem))
    messages.success(request, done)
    return _back(organisation)


@require_POST
@members_only
def role(request: HttpRequest, organisation: Organisation, member_id: int) -> HttpResponseBase:
    """Give a member another role."""
    return _change(
        request,
        organisation,
        lambda: services.change_role(
            acting=Actor.of(request),
            organisation=organisation,
            member_id=member_id,
            role=request.POST.get("role", ""),
        ),
        _("The role was changed."),
    )


@require_POST
@members_only
def removal(request: HttpRequest, organisation: Organisation, member_id: int) -> HttpResponseBase:
    """Remove a member, or leave."""
    acting = Actor.of(request)
    own = organisation.memberships.filter(id=member_id, person=acting.person).exists()
    try:
        services.remove_member(acting=acting, organisation=organisation, member_id=member_id)
    except Problem as problem:
        if problem.kind.status in (401, 403, 404):
            raise
        return _page(request, organisation, problems=summary_of_problem(problem))
    if own:
        messages.success(request, _("You left the organisation."))
        return redirect("portal:developers")
    messages.success(request, _("The member was removed, and their keys were ended."))
    return _back(organisation)


@require_POST
@members_only
def taking_back(
    request: HttpRequest, organisation: Organisation, invitation_id: UUID
) -> HttpResponseBase:
    """End an invitation that nobody accepted yet."""
    return _change(
        request,
        organisation,
        lambda: services.take_back_invitation(
            acting=Actor.of(request), organisation=organisation, invitation_id=invitation_id
        ),
        _("The invitation was taken back."),
    )
