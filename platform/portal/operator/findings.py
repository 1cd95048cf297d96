"""What auditors found and the city has to answer: the list with its clocks, and one answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core import clock
from dure.core.problems import Problem
from governance.cases.findings import TEXT_LENGTH_MAX, answer_finding
from governance.cases.selectors import finding_document, finding_documents, finding_for, findings
from governance.models import AnswerOutcome, AuditFinding
from governance.rights.clocks import Urgency, urgency
from portal.auditor.cases.desk import parsed_day
from portal.auditor.cases.forms import form_page, said_of
from portal.auditor.cases.words import answer_text, finding_view, finding_views
from portal.doors import operators_only
from portal.formatting import number_text
from portal.operator.editor.controls import Input

ROWS_SHOWN = 100


def _clock(finding: AuditFinding) -> dict[str, Any]:  # Any: a template's context
    if finding.due_at is None:
        return {"tone": "", "clock": ""}
    how = urgency(finding.due_at, clock.now())
    return {
        "tone": {Urgency.OVERDUE: "bad", Urgency.DUE_SOON: "heed"}.get(how, "info"),
        "clock": {
            Urgency.OVERDUE: _("Late"),
            Urgency.DUE_SOON: _("Due soon"),
            Urgency.IN_TIME: _("In time"),
        }[how],
    }


@require_safe
@operators_only
def inbox(request: HttpRequest) -> HttpResponseBase:
    """Findings that wait first, the most urgent on top; then those that were answered."""
    rows = list(findings()[:ROWS_SHOWN])
    shown = [
        {**view, "clock_view": _clock(row)}
        for row, view in zip(rows, finding_views(finding_documents(rows)), strict=True)
    ]
    waiting = sorted((row for row in shown if row["waits"]), key=lambda row: row["due_at"])
    context = {"waiting": waiting, "others": [row for row in shown if not row["waits"]]}
    return render(request, "portal/operator/findings.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def answering(request: HttpRequest, finding_id: UUID) -> HttpResponseBase:
    """Accept, contest, or mend by a day; a further answer stands for the one before."""
    acting = Actor.of(request)
    found = finding_for(finding_id)
    if request.method != "POST":
        return _page(request, found)
    try:
        answer_finding(
            acting=acting,
            finding_id=finding_id,
            outcome=request.POST.get("outcome", ""),
            text=request.POST.get("text", "").replace("\r\n", "\n"),
            language=request.POST.get("language", ""),
            mend_by=parsed_day(request.POST.get("mend_by", "")),
        )
    except Problem as problem:
        if not problem.errors:
            raise
        return _page(request, found, problem)
    messages.success(request, _("The answer is public."))
    return redirect("portal:console-findings")


def _page(
    request: HttpRequest, found: AuditFinding, problem: Problem | None = None
) -> HttpResponse:
    said = said_of(problem)
    asked = request.POST
    language = (get_language() or "ko")[:2]
    view = finding_view(finding_document(found))
    context = {
        "finding": view,
        "clock": _clock(found) if view["waits"] else None,
        "may_answer": Actor.of(request).has(Role.OPERATOR) and not view["superseded_by"],
        "inputs": (
            Input("outcome", _("Answer"), "select", value=asked.get("outcome", ""),
                  choices=(("", _("Choose an answer")),
                           *((each, answer_text(each)) for each in AnswerOutcome.values)),
                  error=said.get("outcome", "")),
            Input("mend_by", _("To be fixed by"), "day", value=asked.get("mend_by", ""),
                  hint=_("Only if the city fixes it."), error=said.get("mend_by", "")),
            Input("language", _("Language of the text"), "select",
                  value=asked.get("language", language),
                  choices=(("ko", _("Korean")), ("en", _("English"))),
                  error=said.get("language", "")),
            Input("text", _("Reason, as everybody will read it"), "area", rows=6,
                  value=asked.get("text", ""), error=said.get("text", ""),
                  hint=_("At most %(most)s characters. Name no person.")
                  % {"most": number_text(TEXT_LENGTH_MAX)}),
        ),
    }  # fmt: skip
    return form_page(request, "portal/operator/finding.html", context, problem)
