"""Data that an organisation uses: its licences and what they cost."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dure.accounts.models import Organisation
from portal.firm.frame import frame
from portal.firm.membership import members_only
from portal.public.licences import LISTED, licence_rows
from rewards.models import Licence


@require_safe
@members_only
def firm_licences(request: HttpRequest, organisation: Organisation) -> HttpResponseBase:
    """The licences of one organisation, newest first."""
    found = Licence.objects.filter(party_id=organisation.party_id).select_related("call")
    context = {
        **frame(request, organisation),
        "licences": licence_rows(list(found.order_by("-agreed_at", "-id")[:LISTED])),
    }
    return render(request, "portal/firm/licences.html", context)
