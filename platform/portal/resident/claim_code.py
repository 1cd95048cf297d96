"""The code with which somebody who leaves claims later what still comes; shown once."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from dure.accounts.acting import Actor
from dure.core.problems import Problem
from governance.rights.selectors import is_leaving
from portal.doors import signed_in
from portal.error_summary import summary_of_problem
from rewards.wallet.claims import issue_code


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def claim_code(request: HttpRequest) -> HttpResponseBase:
    """What the code is for; a press of the button shows one, and only then."""
    acting = Actor.of(request)
    context = {
        "leaving": is_leaving(acting.require_person().party_id),
        "code": "",
        "problems": None,
    }
    status = 200
    if request.method == "POST":
        try:
            context["code"] = issue_code(acting=acting)
        except Problem as problem:
            context["problems"], status = summary_of_problem(problem), problem.kind.status
    return render(request, "portal/resident/claim_code.html", context, status=status)
