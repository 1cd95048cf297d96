"""Questions of models: stored sealed by operators, named by hash, shown to nobody."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dure.accounts.acting import Actor
from dure.core.problems import INVALID, FieldError, Problem
from portal.doors import operators_only
from portal.error_summary import ErrorSummary, summary_of_problem
from rewards.epochs.questions import BYTES_MOST, store_questions
from rewards.models import TrainingQuestions

SETS_SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def questions(request: HttpRequest) -> HttpResponseBase:
    """Stored sets with their hashes, and the form that stores another."""
    if request.method != "POST":
        return _page(request)
    file = request.FILES.get("file")
    try:
        if file is None:
            raise INVALID.problem(errors=[FieldError("file", _("Choose a file."))])
        store_questions(acting=Actor.of(request), body=file.read(BYTES_MOST + 1))
    except Problem as problem:
        if problem.kind.status in (403, 404):
            raise
        return _page(request, summary_of_problem(problem, {"file": "file"}))
    messages.success(request, _("The questions are stored. Copy their hash into the call."))
    return redirect("portal:console-questions")


def _page(request: HttpRequest, problems: ErrorSummary | None = None) -> HttpResponse:
    stored = TrainingQuestions.objects.order_by("-stored_at", "-id")[:SETS_SHOWN]
    rows = [
        {
            "sha256": each.sha256,
            "rows": each.rows,
            "columns": ", ".join(each.columns),
            "stored_at": each.stored_at,
        }
        for each in stored
    ]
    context: dict[str, Any] = {"rows": rows, "problems": problems}  # Any: a template's context
    status = 422 if problems else 200
    return render(request, "portal/operator/questions.html", context, status=status)
