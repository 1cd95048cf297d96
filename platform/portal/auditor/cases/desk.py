"""The auditor's desk: own cases, what is open in them, and opening and closing one."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contributions.models import CallVersion
from dure.accounts.acting import Actor
from dure.core import clock
from dure.core.clock import CITY_ZONE
from dure.core.language import localized
from dure.core.problems import Problem
from governance.cases.access import case_for, cases_of, is_closed, mandates
from governance.cases.looks import looks_of_staff
from governance.cases.samples import is_drawn
from governance.cases.selectors import finding_documents, findings
from governance.cases.services import close_case, open_case
from governance.models import AuditCase, AuditSample, CaseReplay
from governance.registries import algorithms
from portal.auditor.cases.forms import form_page, said_of
from portal.auditor.cases.words import (
    OUTCOME_TONES,
    Context,
    finding_views,
    look_reason_text,
    looked_at_text,
    outcome_text,
    population_text,
    scope_kind_text,
    staff_role_text,
    subject_text,
    subject_url,
)
from portal.auditor.epochs import settled_epochs
from portal.doors import auditors_only
from portal.operator.editor.controls import Choices, Input
from rewards.epochs.selectors import epoch_for

LOOK_DAYS = 90


def parsed_day(text: str) -> date | None:
    """A day as a form carries it; None for anything else."""
    try:
        return parse_date(text)
    except ValueError:
        return None


def case_view(case: AuditCase) -> Context:
    """A case with where it stands."""
    closed, over = is_closed(case), clock.now() >= case.until
    state, tone = (
        (_("Mandate ended"), "heed") if over
        else (_("Closed"), "") if closed
        else (_("Open"), "good")
    )  # fmt: skip
    return {
        "id": case.id,
        "title": case.title,
        "scope_kind": scope_kind_text(case.about_kind),
        "scope": subject_text(case.about_kind, case.about_id),
        "scope_url": subject_url(case.about_kind, case.about_id),
        "opened_at": case.opened_at,
        "until": case.until - timedelta(seconds=1),
        "open": not closed and not over,
        "readable": not over,
        "state": state,
        "tone": tone,
        "log": case.log_entry.index,
    }


def sample_line(sample: AuditSample) -> Context:
    """A sample for a list."""
    drawn = is_drawn(sample)
    return {
        "id": sample.id,
        "population": population_text(sample.population_kind, sample.population_id),
        "size": sample.size,
        "of": sample.population_size,
        "committed_at": sample.committed_at,
        "drawn": drawn,
    }


@require_safe
@auditors_only
def desk(request: HttpRequest) -> HttpResponseBase:
    acting = Actor.of(request)
    cases = list(cases_of(acting))
    samples = AuditSample.objects.filter(case__in=cases, drawing=None).order_by("committed_at")
    documents = finding_documents(list(findings().filter(case__in=cases)))
    views = finding_views(documents)
    shown = [case_view(case) for case in cases]
    context = {
        "cases": shown,
        "open_cases": [case for case in shown if case["open"]],
        "mandates": [
            {"scope": grant.scope, "until": grant.until} for grant in mandates(acting)
        ],
        "waiting_samples": [sample_line(sample) for sample in samples],
        "waiting_findings": [view for view in views if view["waits"]],
        "late_mending": [
            view for view in views
            if view["answers"] and view["answers"][-1]["mend_late"] and not view["superseded_by"]
        ],
        "findings": views,
    }  # fmt: skip
    return render(request, "portal/auditor/cases/desk.html", context)


def _scopes() -> Choices:
    """Everything that can be examined, as ``<kind>:<id>``."""
    calls = CallVersion.objects.filter(published_for__isnull=False).select_related("call")
    return (
        ("", _("Choose what is examined")),
        *(
            (f"algorithm:{name}", f"{scope_kind_text('algorithm')}: {localized(entry.name)}")
            for name, entry in algorithms.items()
        ),
        *(
            (f"call:{each.call.slug}", f"{scope_kind_text('call')}: "
             f"{localized(each.document['title'])}")
            for each in calls.order_by("call__slug")
        ),
        *(
            (f"epoch:{id_}", f"{scope_kind_text('epoch')}: {title}")
            for id_, title in settled_epochs()
        ),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@auditors_only
def new_case(request: HttpRequest) -> HttpResponseBase:
    """Open a case; its last day lies within the mandate."""
    acting = Actor.of(request)
    if request.method != "POST":
        return _new_case_page(request)
    kind, _colon, about = request.POST.get("about", "").partition(":")
    day = parsed_day(request.POST.get("last_day", ""))
    yesterday = clock.now().astimezone(CITY_ZONE).date() - timedelta(days=1)
    try:
        made = open_case(
            acting=acting,
            title=request.POST.get("title", ""),
            about_kind=kind,
            about_id=about,
            last_day=day or yesterday,
        )
    except Problem as problem:
        return _new_case_page(request, problem)
    messages.success(request, _("The case is open and stands in the log."))
    return redirect("portal:audit-case", made.id)


def _new_case_page(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    said = said_of(problem)
    ends = [grant.until for grant in mandates(Actor.of(request)) if grant.until is not None]
    last = (max(ends) - timedelta(days=1)).astimezone(CITY_ZONE).date() if ends else None
    month = clock.now().astimezone(CITY_ZONE).date() + timedelta(days=30)
    proposed = min(last, month).isoformat() if last else month.isoformat()
    asked = request.POST
    context = {
        "inputs": (
            Input("title", _("What is examined"), value=asked.get("title", ""),
                  hint=_("For your own list; it does not stand in the public log."),
                  error=said.get("title", "")),
            Input("about", _("Scope"), "select",
                  value=asked.get("about", request.GET.get("about", "")),
                  choices=_scopes(), error=said.get("about", "")),
            Input("last_day", _("Last day of the mandate"), "day",
                  value=asked.get("last_day", proposed),
                  hint=_("After this day the case gives no access any more."),
                  error=said.get("last_day", "")),
        ),
    }  # fmt: skip
    return form_page(request, "portal/auditor/cases/new_case.html", context, problem)


def _replay_line(replay: CaseReplay) -> Context:
    epoch = epoch_for(UUID(replay.epoch))
    same = replay.manifest_sha256 == epoch.manifest_sha256
    return {
        "epoch": subject_text("epoch", replay.epoch),
        "epoch_id": replay.epoch,
        "outcome": outcome_text(replay.outcome),
        "tone": OUTCOME_TONES[replay.outcome],
        "same": same,
        "recorded_at": replay.recorded_at,
    }


@require_safe
@auditors_only
def case(request: HttpRequest, case_id: UUID) -> HttpResponseBase:
    """One case with its samples, replays and findings."""
    found = case_for(Actor.of(request), case_id)
    samples = found.samples.select_related("drawing").order_by("-committed_at")
    replays = found.replays.order_by("-recorded_at")
    documents = finding_documents(list(findings().filter(case=found)))
    context = {
        "case": case_view(found),
        "samples": [sample_line(sample) for sample in samples],
        "replays": [_replay_line(replay) for replay in replays],
        "findings": finding_views(documents),
    }
    return render(request, "portal/auditor/cases/case.html", context)


@require_POST
@auditors_only
def closing(request: HttpRequest, case_id: UUID) -> HttpResponseBase:
    """End a case."""
    acting = Actor.of(request)
    close_case(acting=acting, case=case_for(acting, case_id))
    messages.success(request, _("The case is closed. What was found stays public."))
    return redirect("portal:audit-case", case_id)


@require_safe
@auditors_only
def looks(request: HttpRequest) -> HttpResponseBase:
    """Who of the staff looked at what, without names."""
    lines = [
        {
            **line,
            "what_text": looked_at_text(line["what"]),
            "why_text": look_reason_text(line["why"]),
            "role_text": staff_role_text(line["role"]),
        }
        for line in looks_of_staff(Actor.of(request), days=LOOK_DAYS)
    ]
    context = {"lines": lines, "days": LOOK_DAYS}
    return render(request, "portal/auditor/cases/looks.html", context)
