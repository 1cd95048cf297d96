"""People of the city and their roles: found by address, changed by two."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from contributions.models import Call
from dure.accounts.acting import Actor
from dure.accounts.models import Person
from dure.accounts.roles import Role
from dure.core.clock import CITY_ZONE
from dure.core.problems import Problem
from governance import staff
from governance.access.services import note_accesses
from portal.auditor.epochs import call_titles
from portal.doors import operators_only
from portal.error_summary import ErrorSummary, Item
from portal.formatting import date_text, moment_of

Context = dict[str, Any]  # Any: a template's context
ANCHORS = {"until": "until", "role": "role"}


def role_text(role: str) -> str:
    """What a role is called."""
    return {
        "resident": _("Resident"),
        "firm member": _("Member of an organisation"),
        "data user": _("Data user"),
        "auditor": _("Auditor"),
        "operator": _("Operator"),
        "approver": _("Approver"),
        "admin": _("Administrator"),
    }.get(role, role)


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def people(request: HttpRequest) -> HttpResponseBase:
    """Everybody in a role of staff, what waits for a second person, and a search by address."""
    acting = Actor.of(request)
    if request.method != "POST":
        return _page(request)
    # Sent, not asked for in the address: an e-mail address has no place in logs of addresses.
    try:
        found = staff.person_by_email(acting, request.POST.get("email", ""))
    except Problem as problem:
        if problem.kind.status != 404:
            raise
        item = Item(_("Nobody has an account with this address."), "email")
        return _page(request, problems=ErrorSummary(items=(item,)))
    return redirect("portal:console-person", found.id)


def _page(request: HttpRequest, problems: ErrorSummary | None = None) -> HttpResponse:
    acting = Actor.of(request)
    context = {
        "staff": [
            {
                "id": grant.person_id,
                "name": grant.person.name,
                "role": role_text(grant.role),
                "scope": grant.scope,
                "granted_at": grant.granted_at,
                "until": last_moment(grant.until),
            }
            for grant in staff.staff(acting)
        ],
        "proposals": _proposals(acting),
        "email": request.POST.get("email", ""),
        "problems": problems,
    }
    return render(request, "portal/operator/people.html", context, status=422 if problems else 200)


def _proposals(acting: Actor) -> list[Context]:
    waiting = staff.open_proposals(acting)
    names = {
        str(one.id): one.name
        for one in Person.objects.filter(id__in=[each.details["person"] for each in waiting])
    }
    return [
        {
            "id": each.id,
            **each.details,
            "name": names.get(str(each.details["person"]), "–"),
            "what": change_text(each.details),
            "proposer": each.proposer.name,
            "at": each.proposed_at,
            "own": acting.person == each.proposer
            or (acting.person is not None and str(acting.person.id) == each.details["person"]),
        }
        for each in waiting
    ]


def change_text(details: Context) -> str:
    """What a proposal would do, in words."""
    role = role_text(details["role"])
    if details["change"] == staff.END:
        return _("End: %(role)s") % {"role": role}
    until = moment_of(details["until"])
    if until is None:
        return _("Give: %(role)s") % {"role": role}
    return _("Give: %(role)s, until %(day)s") % {
        "role": role,
        "day": date_text(last_moment(until) or until),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def person(request: HttpRequest, person_id: UUID) -> HttpResponseBase:
    """One person's roles, and the form that proposes to change them."""
    acting = Actor.of(request)
    found = staff.person_of_staff(acting, person_id)
    if request.method != "POST":
        return _person_page(request, found)
    try:
        done = staff.change_role(
            acting=acting,
            person=found,
            change=request.POST.get("change", ""),
            role=request.POST.get("role", ""),
            scope=request.POST.get("scope", ""),
            until=end_of_day(request.POST.get("until", "")),
        )
    except ValueError:
        summary = ErrorSummary(items=(Item(_("Give a day such as 2027-03-31."), "until"),))
        return _person_page(request, found, summary)
    except Problem as problem:
        items = tuple(Item(str(e.message), ANCHORS.get(e.field, "role")) for e in problem.errors)
        summary = ErrorSummary(
            advice=str(problem.kind.advice),
            items=items or (Item(str(problem.kind.title), "role"),),
        )
        return _person_page(request, found, summary)
    messages.success(
        request,
        _("The role is changed.")
        if done
        else _("Proposed. Another person agrees to it on this page."),
    )
    return redirect("portal:console-people")


def end_of_day(text: str) -> datetime | None:
    """The end of a day of the city's calendar; None for nothing, ValueError for no day."""
    if not text.strip():
        return None
    day = date.fromisoformat(text.strip()) + timedelta(days=1)
    return datetime.combine(day, time(), tzinfo=CITY_ZONE)


def last_moment(until: datetime | None) -> datetime | None:
    """A role that ends at the midnight after a day is held to the end of that day."""
    return until - timedelta(seconds=1) if until else None


def _person_page(
    request: HttpRequest, found: Person, problems: ErrorSummary | None = None
) -> HttpResponse:
    acting = Actor.of(request)
    # Searching by address is noted where it is done; so is coming here by a link.
    note_accesses(acting=acting, party_ids=[found.party_id], what="account", why="roles")
    slugs = list(Call.objects.filter(published__isnull=False).values_list("slug", flat=True))
    titles = call_titles(set(slugs))
    context = {
        "name": found.name,
        "own": acting.person == found,
        "held": [
            {
                "role": grant.role,
                "label": role_text(grant.role),
                "scope": grant.scope,
                "until": last_moment(grant.until),
                "granted_at": grant.granted_at,
            }
            for grant in staff.standing().filter(person=found).order_by("role", "scope")
        ],
        "roles": [{"key": role.value, "label": role_text(role.value)} for role in staff.STAFF],
        "chosen": request.POST.get("role", Role.AUDITOR.value),
        "calls": [{"slug": slug, "title": titles.get(slug, slug)} for slug in slugs],
        "scope": request.POST.get("scope", ""),
        "until": request.POST.get("until", ""),
        "waiting": [each for each in _proposals(acting) if each["person"] == str(found.id)],
        "problems": problems,
        "wrong": problems.items[0].anchor if problems else "",
    }
    return render(request, "portal/operator/person.html", context, status=422 if problems else 200)


@require_POST
@operators_only
def agreeing(request: HttpRequest, proposal_id: UUID) -> HttpResponseBase:
    """Agree to a colleague's proposal."""
    try:
        staff.agree(acting=Actor.of(request), proposal_id=proposal_id)
    except Problem as problem:
        if problem.kind.status == 404:
            raise
        messages.error(request, f"{problem.kind.title}. {problem.kind.advice}")
    else:
        messages.success(request, _("The role is changed."))
    return redirect("portal:console-people")
