"""Correcting the rows that were set aside, right where they are shown."""

from __future__ import annotations

import re
from collections import defaultdict

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contributions.intake.fixing import fix_rows
from contributions.selectors import contribution_for
from dure.accounts.acting import Actor
from dure.core.problems import Problem
from portal.doors import signed_in
from portal.error_summary import summary_of_problem
from portal.resident.contributions import contribution_page

#: ``cell-<row>-<place of the column>``
CELL = re.compile(r"cell-([0-9]{1,9})-([0-9]{1,4})", re.ASCII)


@require_POST
@signed_in
def rows(request: HttpRequest, receipt: str) -> HttpResponseBase:
    actor = Actor.of(request)
    found = contribution_for(actor, receipt)
    names = [field["name"] for field in found.call_version.document["schema"]["fields"]]
    cells: dict[int, dict[str, str]] = defaultdict(dict)
    for name, text in request.POST.items():
        place = CELL.fullmatch(name)
        if place is not None and int(place[2]) < len(names) and isinstance(text, str):
            cells[int(place[1])][names[int(place[2])]] = text
    try:
        fix_rows(acting=actor, receipt=receipt, cells=cells)
    except Problem as problem:
        summary = summary_of_problem(problem, {"rows": "rows"})
        return contribution_page(request, found, problems=summary)
    messages.success(request, _("The corrected rows were sent and are being checked."))
    return redirect("portal:contribution", receipt)
