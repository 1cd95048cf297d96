"""What every page of an organisation's desk shows: whose desk, as whom, and where else to go."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dure.accounts.acting import Actor
from dure.accounts.models import Membership, Organisation
from dure.accounts.roles import ACTING_ROLES, MemberRole
from dure.core.language import localized
from portal.firm.membership import organisations


def role_text(role: str) -> str:
    """What a member's role is called."""
    return {
        MemberRole.OWNER.value: pgettext("role in an organisation", "Owner"),
        MemberRole.DEVELOPER.value: pgettext("role in an organisation", "Developer"),
        MemberRole.VIEWER.value: pgettext("role in an organisation", "Viewer"),
    }.get(role, role)


def own_role(request: HttpRequest, organisation: Organisation) -> str:
    person = Actor.of(request).require_person()
    return Membership.objects.get(organisation=organisation, person=person).role


def frame(request: HttpRequest, organisation: Organisation) -> dict[str, Any]:  # Any: a context
    """The part of the context that all templates below ``portal/firm`` share."""
    role = own_role(request, organisation)
    return {
        "organisation": {
            "id": organisation.id,
            "name": localized(organisation.name),
            "live": organisation.live_since is not None,
        },
        "organisations": [
            {"id": one.id, "name": localized(one.name)} for one in organisations(request)
        ],
        "role": role,
        "role_label": role_text(role),
        "owns": role == MemberRole.OWNER,
        "acts": role in ACTING_ROLES,
        "sections": [
            {
                "label": label,
                "url": f"{reverse(f'portal:{name}')}?organisation={organisation.id}",
                "here": request.resolver_match is not None
                and str(request.resolver_match.url_name or "").startswith(name)
                and (name != "firm" or request.resolver_match.url_name == "firm"),
                "exact": request.resolver_match is not None
                and request.resolver_match.url_name == name,
            }
            for name, label in _sections()
        ],
    }


def _sections() -> list[tuple[str, str]]:
    return [
        ("firm", _("Overview")),
        ("firm-submissions", _("Submissions")),
        ("firm-feeds", _("Feeds")),
        ("firm-settlements", _("Settlements")),
        ("firm-licences", _("Licences")),
        ("firm-keys", _("Keys")),
        ("firm-requests", _("Request log")),
        ("firm-webhooks", _("Webhooks")),
        ("firm-members", _("Members")),
    ]
