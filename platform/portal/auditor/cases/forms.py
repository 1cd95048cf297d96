"""Forms of the auditor's desk: what is wrong beside each field, and a page that says so."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dure.core.problems import Problem
from portal.auditor.cases.words import Context
from portal.error_summary import summary_of_problem


def said_of(problem: Problem | None) -> dict[str, str]:
    """What a service said about each field, by its name; nothing where it took the form."""
    return {error.field: str(error.message) for error in problem.errors} if problem else {}


def form_page(
    request: HttpRequest, template: str, context: Context, problem: Problem | None
) -> HttpResponse:
    """The page with its form: 200 where it is new, the problem's status where it was refused."""
    anchors = {name: name for name in said_of(problem)}
    shown = {**context, "problems": summary_of_problem(problem, anchors) if problem else None}
    status = problem.kind.status if problem else 200
    return render(request, template, shown, status=status)
