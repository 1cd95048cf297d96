"""Who may come in, and how a refusal of the rooms below is shown."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import is_valid_path, reverse

from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.accounts.second_step import lacks_second_step
from dure.core.problems import Problem
from governance.cases.access import mandates
from governance.cases.problems import MANDATE_OVER
from portal.public.unsent import ask_who, page_before

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def shows_problems(view: View[P]) -> View[P]:
    """Turn a Problem that the view did not show in a form into the fitting page."""

    @wraps(view)
    def shown(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Problem as problem:
            if problem.kind.status == 401:
                return ask_who(request)
            if problem.kind.status == 404:
                raise Http404 from problem
            told = _told_where_it_was_sent(request, problem)
            if told is None and problem.kind.status == 403:
                raise PermissionDenied from problem
            return told or problem_page(request, problem)

    return shown


def _told_where_it_was_sent(request: HttpRequest, problem: Problem) -> HttpResponse | None:
    """Back to the page with the button, which says why not; None where no page of ours sent it."""
    before = page_before(request)
    if request.method != "POST" or not before:
        return None
    title, detail = str(problem.kind.title), str(problem.detail)
    messages.error(request, detail if title in detail else f"{title}. {detail}")
    return redirect(page_above(before) if before == request.path else before)


def page_above(path: str) -> str:
    """The nearest page above an address, such as that of a thing above a step taken with it."""
    parts = path.strip("/").split("/")
    for end in range(len(parts) - 1, 0, -1):
        above = f"/{'/'.join(parts[:end])}/"
        if is_valid_path(above):
            return above
    return reverse("portal:home")


def problem_page(request: HttpRequest, problem: Problem) -> HttpResponse:
    """A page that says what is wrong and what to do."""
    context = {"heading": problem.kind.title, "text": problem.detail}
    return render(request, "portal/public/error.html", context, status=problem.kind.status)


def signed_in(view: View[P]) -> View[P]:
    """Strangers are sent to log in and come back afterwards."""

    @wraps(view)
    def shown(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return ask_who(request)
        return shows_problems(view)(request, *args, **kwargs)

    return shown


def operators_only(view: View[P]) -> View[P]:
    """City staff; for everybody else the console does not exist."""

    @wraps(view)
    def shown(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        actor = Actor.of(request)
        if not actor.signed_in:
            return ask_who(request)
        if not may_operate(actor):
            raise Http404
        if lacks_second_step(actor.require_person()):
            return redirect("mfa_index")
        return shows_problems(view)(request, *args, **kwargs)

    return shown


def auditors_only(view: View[P]) -> View[P]:
    """Auditors while their mandate lasts; who was one reads that it ended, others find nothing."""

    @wraps(view)
    def shown(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        actor = Actor.of(request)
        if not actor.signed_in:
            return ask_who(request)
        try:
            mandates(actor)
        except Problem as problem:
            if problem.kind is MANDATE_OVER:
                return problem_page(request, problem)
            raise Http404 from problem
        if lacks_second_step(actor.require_person()):
            return redirect("mfa_index")
        return shows_problems(_with_ended_mandates(view))(request, *args, **kwargs)

    return shown


def _with_ended_mandates(view: View[P]) -> View[P]:
    """A case whose last day is over says so, although its auditor may have others."""

    @wraps(view)
    def shown(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Problem as problem:
            if problem.kind is MANDATE_OVER:
                return problem_page(request, problem)
            raise

    return shown


def may_audit(actor: Actor) -> bool:
    """Auditors have a desk of their own."""
    return actor.has(Role.AUDITOR)


def may_operate(actor: Actor) -> bool:
    """Operators and approvers work in the console."""
    return actor.has(Role.OPERATOR) or actor.has(Role.APPROVER)
