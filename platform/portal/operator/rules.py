"""Rules of the treasury: what is in force, proposing a version, putting it in force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dure.accounts.acting import Actor
from dure.core.problems import NOT_FOUND, Problem
from portal.doors import operators_only
from portal.error_summary import ErrorSummary, summary_of_problem
from portal.operator.rule_form import asked, control, document_of, path_of
from portal.operator.rule_shown import shown
from rewards.models import PolicySubject, TreasuryPolicy
from rewards.treasury.rules import EXAMPLE_WITHHOLDING
from rewards.treasury.selectors import in_force, rule_document, versions
from rewards.treasury.services import approve_rule, propose_rule
from rewards.wallet.selectors import unclaimed_sums

VERSIONS_SHOWN = 20


def _version(request: HttpRequest, rule: TreasuryPolicy) -> dict[str, Any]:  # Any: a context
    return {
        **rule_document(rule),
        "values": shown(rule.subject, rule.document, in_force(rule.subject).document),
        "proposer": rule.proposer.name,
        "approver": rule.approver.name if rule.approver else "",
        "own": rule.proposer_id == Actor.of(request).require_person().id,
    }


def _page(
    request: HttpRequest,
    problems: ErrorSummary | None = None,
    typed: Mapping[str, Mapping[str, Any]] | None = None,  # Any: JSON
    errors: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Every rule; ``typed`` holds the refused document of one, ``errors`` its places."""
    subjects = []
    for code, label in PolicySubject.choices:
        number, document = in_force(code)
        wrong = code in (typed or {})
        subjects.append(
            {
                "code": code,
                "label": label,
                "version": number,
                "values": shown(code, document, document),
                "form": asked(code, (typed or {}).get(code, document), errors or {}),
                "example": shown(code, EXAMPLE_WITHHOLDING, EXAMPLE_WITHHOLDING)
                if code == PolicySubject.WITHHOLDING
                else (),
                "wrong": wrong,
                "versions": [
                    _version(request, rule)
                    for rule in versions().filter(subject=code)[:VERSIONS_SHOWN]
                ],
            }
        )
    context = {"subjects": subjects, "unclaimed": unclaimed_sums(), "problems": problems}
    status = 422 if problems else 200
    return render(request, "portal/operator/treasury_rules.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def rules(request: HttpRequest) -> HttpResponseBase:
    """The rules of the treasury; POST proposes a new version."""
    if request.method != "POST":
        return _page(request)
    subject = request.POST.get("subject", "")
    if subject not in PolicySubject.values:
        raise NOT_FOUND.problem()
    document = document_of(subject, request.POST)
    try:
        propose_rule(acting=Actor.of(request), subject=subject, document=document)
    except Problem as problem:
        if problem.kind.status in (403, 404):
            raise
        places = {error.field: path_of(subject, document, error.field) for error in problem.errors}
        anchors = {field: control(subject, path) for field, path in places.items()}
        errors = {places[error.field]: str(error.message) for error in problem.errors}
        return _page(request, summary_of_problem(problem, anchors), {subject: document}, errors)
    messages.success(request, _("The version is proposed. Another person can now approve it."))
    return redirect("portal:console-rules")


@require_POST
@operators_only
def approval(request: HttpRequest, rule_id: UUID) -> HttpResponseBase:
    """Put a proposed version in force."""
    try:
        approve_rule(acting=Actor.of(request), rule_id=rule_id)
    except Problem as problem:
        if problem.kind.status == 404:
            raise
        return _page(request, summary_of_problem(problem))
    messages.success(request, _("The version is in force."))
    return redirect("portal:console-rules")
