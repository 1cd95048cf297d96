"""Under 14: what a child may do alone, and who its guardian is; for the guardian, its consents."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contributions.selectors.calls import open_calls
from dure.accounts import guardians
from dure.accounts.acting import Actor
from dure.accounts.guardianship import Guardianship
from dure.accounts.invitations import answer_invitation, invitation_of, name_guardian
from dure.core.language import localized
from dure.core.problems import Problem
from governance.consent.purpose_words import purpose_label
from governance.consent.selectors import consents_query, notices_for
from governance.models import STANDING
from portal.doors import signed_in
from portal.error_summary import ErrorSummary, Item

EMAIL_MAX = 254


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def guardian(request: HttpRequest) -> HttpResponseBase:
    """A child's own page; whoever is 14 or older has none."""
    actor = Actor.of(request)
    child = actor.require_person()
    if not guardians.is_under_fourteen(child.party_id):
        raise Http404
    given, problems = request.POST.get("email", "").strip(), None
    if request.method == "POST":
        problems = _named(actor, given)
        if problems is None:
            messages.success(request, _("We have written to your guardian."))
            return redirect("portal:guardian")
    standing = Guardianship.objects.filter(child=child, confirmed_at__isnull=False, ended_at=None)
    context = {
        "guardians": list(standing.select_related("guardian")),
        "invitation": invitation_of(child),
        "until": guardians.turns_fourteen_at(child.party_id),
        "given": given,
        "problems": problems,
        "can_ask": child.said_born_on is not None and not standing.exists(),
    }
    status = 422 if problems else 200
    return render(request, "portal/resident/guardian.html", context, status=status)


def _named(actor: Actor, email: str) -> ErrorSummary | None:
    """What is wrong with the address; None when the letter is on its way."""
    try:
        if len(email) > EMAIL_MAX:
            raise ValidationError("too long")
        validate_email(email)
        name_guardian(acting=actor, child=actor.require_person(), guardian_email=email)
    except ValidationError:
        text = _("Enter an e-mail address such as name@example.org.")
        return ErrorSummary(items=(Item(text, "email"),))
    except Problem as problem:
        if problem.kind.code == "guardian-asked":
            text = _("A letter went out already. You can name another address in twelve hours.")
        else:
            text = _("Enter your guardian's address, not your own.")
        return ErrorSummary(items=(Item(text, "email"),))
    return None


@require_POST
@signed_in
def invitation(request: HttpRequest, invitation_id: UUID, answer: str) -> HttpResponseBase:
    """The guardian's answer to a child's letter."""
    if answer not in ("confirmation", "end"):
        raise Http404
    confirmed = answer == "confirmation"
    answer_invitation(acting=Actor.of(request), invitation_id=invitation_id, is_guardian=confirmed)
    messages.success(
        request,
        _("You decide for this child until it is 14.")
        if confirmed
        else _("The request and the address are destroyed."),
    )
    return redirect("portal:consents")


@require_safe
@signed_in
def ward(request: HttpRequest, guardianship_id: UUID) -> HttpResponseBase:
    """What a guardian decides for one child: each purpose of each open call."""
    person = Actor.of(request).require_person()
    found = (
        Guardianship.objects.select_related("child")
        .filter(
            id=guardianship_id,
            guardian=person,
            ended_at=None,
            confirmed_at__isnull=False,
            child__party_id__in=guardians.wards_of(person),
        )
        .first()
    )
    if found is None:
        raise Http404
    context = {"child": found.child, "calls": _decisions(found.child.party_id)}
    return render(request, "portal/resident/ward.html", context)


def _decisions(party_id: UUID) -> list[dict[str, Any]]:  # Any: a template's context
    decided = {
        (row.notice_id, row.state)
        for row in consents_query(frozenset({party_id})).filter(recipient="")
    }
    standing = {notice for notice, state in decided if state in STANDING}
    answered = {notice for notice, _state in decided}
    return [
        {
            "slug": call.slug,
            "title": localized(call.published.document["title"]) if call.published else call.slug,
            "purposes": [
                {
                    "notice": notice.id,
                    "label": purpose_label(notice.purpose, notice.text),
                    "text": localized(notice.text),
                    "required": notice.required,
                    "version": notice.version,
                    "retention_days": notice.retention_days,
                    "agreed": notice.id in standing,
                    "answered": notice.id in answered,
                }
                for notice in notices_for(call.slug)
            ],
            "party": party_id,
        }
        for call in open_calls()
    ]
