"""Publishing the transparency report of a period."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dure.accounts.acting import Actor
from governance.reports.services import publish_report
from portal.doors import operators_only


@require_POST
@operators_only
def publication(request: HttpRequest) -> HttpResponseBase:
    """Compute, sign and publish; the same records give the same report."""
    period = request.POST.get("period", "")
    publish_report(acting=Actor.of(request), period=period)
    messages.success(
        request, _("The report is published and signed. This is how everybody reads it.")
    )
    return redirect("portal:report", period)
