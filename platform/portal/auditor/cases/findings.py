"""Computing an epoch again for a case, and publishing what was found."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dure.accounts.acting import Actor
from dure.core.problems import Problem
from governance.cases.access import open_case_for
from governance.cases.findings import publish_finding
from governance.cases.selectors import finding_document, finding_for
from governance.cases.services import record_replay
from governance.models import AuditCase, FindingKind, ReplayOutcome, Severity
from portal.auditor.cases.desk import case_view
from portal.auditor.cases.forms import form_page, said_of
from portal.auditor.cases.words import (
    finding_kind_text,
    finding_view,
    outcome_text,
    severity_text,
)
from portal.auditor.epochs import epoch_view, settled_epochs
from portal.doors import auditors_only
from portal.operator.editor.controls import Choices, Input
from rewards.epochs.selectors import epoch_for

EPOCHS_SHOWN = 20


def _epochs_of(case: AuditCase) -> list[tuple[str, str]]:
    """The settlements that a case is about; all of them where it is about an algorithm."""
    everyone = settled_epochs(call=case.call)
    if case.about_kind == "epoch":
        return [(id_, title) for id_, title in everyone if id_ == case.about_id]
    return everyone


@require_http_methods(["GET", "HEAD", "POST"])
@auditors_only
def replay(request: HttpRequest, case_id: UUID) -> HttpResponseBase:
    """How to compute a settlement again, and a form for what came of it."""
    acting = Actor.of(request)
    found = open_case_for(acting, case_id)
    if request.method != "POST":
        return _replay_page(request, found)
    try:
        record_replay(
            acting=acting,
            case=found,
            epoch_id=request.POST.get("epoch", ""),
            manifest_sha256=request.POST.get("manifest_sha256", ""),
            outcome=request.POST.get("outcome", ""),
        )
    except Problem as problem:
        return _replay_page(request, found, problem)
    messages.success(request, _("The outcome is recorded in the case and in the log."))
    return redirect("portal:audit-case", case_id)


def _replay_page(
    request: HttpRequest, case: AuditCase, problem: Problem | None = None
) -> HttpResponse:
    said = said_of(problem)
    epochs = _epochs_of(case)
    asked = request.POST
    outcomes: Choices = tuple((each.value, outcome_text(each.value)) for each in ReplayOutcome)
    context = {
        "case": case_view(case),
        "epochs": [epoch_view(epoch_for(UUID(id_))) for id_, _title in epochs[:EPOCHS_SHOWN]],
        "inputs": (
            Input("epoch", _("Settlement"), "select", value=asked.get("epoch", ""),
                  choices=tuple(epochs), error=said.get("epoch", "")),
            Input("manifest_sha256", _("SHA-256 that your tool printed"), mono=True,
                  value=asked.get("manifest_sha256", ""), error=said.get("manifest_sha256", "")),
            Input("outcome", _("How it ended"), "select", value=asked.get("outcome", ""),
                  choices=(("", _("Choose how it ended")), *outcomes),
                  error=said.get("outcome", "")),
        ),
    }  # fmt: skip
    return form_page(request, "portal/auditor/cases/replay.html", context, problem)


def _evidence(text: str) -> list[int | str]:
    """One entry number or hash on each line."""
    lines = (line.strip() for line in text.splitlines())
    return [
        int(line) if line.isascii() and line.isdecimal() and len(line) <= 15 else line.lower()
        for line in lines
        if line
    ]


def _about(case: AuditCase) -> Choices:
    own = (f"{case.about_kind}:{case.about_id}", case_view(case)["scope"])
    if case.about_kind != "call":
        return (own,)
    return (own, *((f"epoch:{id_}", title) for id_, title in settled_epochs(call=case.call)))


@require_http_methods(["GET", "HEAD", "POST"])
@auditors_only
def new_finding(request: HttpRequest, case_id: UUID) -> HttpResponseBase:
    """Publish a finding, or one that corrects an earlier one (``?corrects=``)."""
    acting = Actor.of(request)
    found = open_case_for(acting, case_id)
    if request.method != "POST":
        return _finding_page(request, found)
    kind, _colon, about = request.POST.get("about", "").partition(":")
    try:
        made = publish_finding(
            acting=acting,
            case=found,
            kind=request.POST.get("kind", ""),
            severity=request.POST.get("severity", ""),
            text=request.POST.get("text", "").replace("\r\n", "\n"),
            language=request.POST.get("language", ""),
            evidence=_evidence(request.POST.get("evidence", "")),
            about_kind=kind,
            about_id=about,
            supersedes=_corrected(request),
        )
    except Problem as problem:
        if not problem.errors:
            raise
        return _finding_page(request, found, problem)
    messages.success(request, _("The finding is signed and public."))
    return redirect("portal:finding", made.id)


def _corrected(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.GET.get("corrects", ""))
    except ValueError:
        return None


def _finding_page(
    request: HttpRequest, case: AuditCase, problem: Problem | None = None
) -> HttpResponse:
    said = said_of(problem)
    corrected = _corrected(request)
    earlier = finding_view(finding_document(finding_for(corrected))) if corrected else None
    asked = request.POST or earlier or {}
    lines = (
        [str(each.get("index", each.get("sha256"))) for each in earlier["evidence"]]
        if earlier
        else []
    )
    evidence = request.POST.get("evidence", "\n".join(lines))
    language = (get_language() or "ko")[:2]
    context = {
        "case": case_view(case),
        "earlier": earlier,
        "inputs": (
            *(() if earlier else (
                Input("about", _("About"), "select", value=request.POST.get("about", ""),
                      choices=_about(case), error=said.get("about", "")),)),
            Input("kind", _("Kind of finding"), "select", value=asked.get("kind", ""),
                  choices=(("", _("Choose")),
                           *((each, finding_kind_text(each)) for each in FindingKind.values)),
                  error=said.get("kind", "")),
            Input("severity", _("Severity"), "select", value=asked.get("severity", ""),
                  choices=(("", _("Choose")),
                           *((each, severity_text(each)) for each in Severity.values)),
                  hint=_("The city answers a critical one within 7 days, a high one within 14, "
                         "others within 30."),
                  error=said.get("severity", "")),
            Input("language", _("Language of the text"), "select",
                  value=asked.get("language", language),
                  choices=(("ko", _("Korean")), ("en", _("English"))),
                  error=said.get("language", "")),
            Input("text", _("What was found"), "area", value=asked.get("text", ""), rows=8,
                  hint=_("Everybody reads this. Name no person."), error=said.get("text", "")),
            Input("evidence", _("Evidence"), "area", value=evidence, rows=3, mono=True,
                  hint=_("Numbers of log entries or SHA-256 hashes, one on each line."),
                  error=said.get("evidence", "")),
        ),
    }  # fmt: skip
    return form_page(request, "portal/auditor/cases/new_finding.html", context, problem)
