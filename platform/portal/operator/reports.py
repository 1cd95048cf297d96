"""Publishing the transparency report of a period."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dure.accounts.acting import Actor
from dure.core.clock import quarter, quarter_before, quarter_bounds
from governance.reports.selectors import last_published
from governance.reports.services import publish_report
from portal.auditor.reports import period_text
from portal.doors import operators_only


def report_periods(moment: datetime) -> dict[str, Any]:  # Any: a template's context
    """The quarters whose report can be published, and of which of them one is out.

    The one that is over stands first for as long as its report does not cover all of it: an
    edition of the days while it ran leaves out the rest.
    """
    running = quarter(moment)
    over = quarter_before(running)
    out = last_published((over, running))
    periods = []
    if over not in out or out[over] < quarter_bounds(over)[1]:
        periods.append({"code": over, "label": period_text(over)})
    still = _("%(quarter)s (still running)") % {"quarter": period_text(running)}
    periods.append({"code": running, "label": still})
    published = [
        {"code": period, "label": period_text(period), "at": out[period]}
        for period in sorted(out, reverse=True)
    ]
    return {"periods": periods, "published": published}


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
