"""Drawing a sample: commit to a seed, wait for the log, draw, and look at what was drawn."""

from __future__ import annotations

import json
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from contributions.selectors.contributions import contribution_document
from contributions.strata_labels import dimension_label, label
from dure.accounts.acting import Actor
from dure.core.language import localized
from dure.core.problems import Problem
from governance.cases.access import case_for, cases_of
from governance.cases.problems import CASE_UNKNOWN
from governance.cases.samples import (
    SAMPLE_SIZE_MAX,
    commit_sample,
    draw_sample,
    is_drawn,
    joined_head,
    sample_document,
    sample_for,
)
from governance.log.kind_words import kind_text
from governance.log.selectors import latest_checkpoint
from governance.models import AuditSample
from portal.auditor.cases.desk import case_view, sample_line
from portal.auditor.cases.forms import form_page, said_of
from portal.auditor.cases.words import Context
from portal.auditor.epochs import manifest_address, settled_epochs
from portal.auditor.verify import verifier_address
from portal.doors import auditors_only
from portal.operator.editor.controls import Choices, Input
from portal.public.check_words import check_text
from rewards.epochs.examined import examined_contribution

#: Kinds of entries that decide something, to draw from.
ENTRY_KINDS = (
    "contribution.accepted", "contribution.returned", "contribution.rejected",
    "contribution.withdrawn", "consent.withdrawn", "reward.issued", "transfer.reversed",
    "objection.answered", "rights.answered", "erasure.executed", "role.granted",
    "parameter.activated",
)  # fmt: skip


def _populations() -> Choices:
    head = latest_checkpoint()
    size = head.size if head is not None else 0
    return (
        ("", _("Choose what is drawn from")),
        *(
            (f"epoch:{id_}", _("Contributions of %(settlement)s") % {"settlement": title})
            for id_, title in settled_epochs()
        ),
        *(
            (f"entries:{kind}:{size}", _("Log entries: %(kind)s") % {"kind": kind_text(kind)})
            for kind in ENTRY_KINDS
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@auditors_only
def new_sample(request: HttpRequest) -> HttpResponseBase:
    """State population and size, and commit to a seed."""
    if request.method != "POST":
        return _new_page(request)
    acting = Actor.of(request)
    population, _colon, named = request.POST.get("population", "").partition(":")
    size = request.POST.get("size", "")
    try:
        made = commit_sample(
            acting=acting,
            case=case_for(acting, _case_id(request.POST.get("case", ""))),
            population_kind=population,
            population_id=named,
            size=int(size) if size.isascii() and size.isdecimal() and len(size) < 6 else 0,
            seed_sha256=request.POST.get("seed_sha256", ""),
            seed=request.POST.get("seed", "").strip(),
        )
    except Problem as problem:
        if not problem.errors:
            raise
        return _new_page(request, problem)
    messages.success(request, _("You are committed to the seed. Keep it until you draw."))
    return redirect("portal:audit-sample", made.id)


def _case_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise CASE_UNKNOWN.problem() from None


def _new_page(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    acting = Actor.of(request)
    said = said_of(problem)
    cases = [case_view(each) for each in cases_of(acting)]
    asked = request.POST
    context = {
        "has_cases": any(each["open"] for each in cases),
        "inputs": (
            Input("case", _("Case"), "select", value=asked.get("case", request.GET.get("case", "")),
                  choices=tuple(
                      (str(each["id"]), each["title"]) for each in cases if each["open"])),
            Input("population", _("Drawn from"), "select", value=asked.get("population", ""),
                  choices=_populations(), error=said.get("population", "")),
            Input("size", _("Size of the sample"), "number", value=asked.get("size", "5"),
                  hint=_("At most %(most)s.") % {"most": SAMPLE_SIZE_MAX},
                  error=said.get("size", "")),
        ),
        "seed_hash": Input(
            "seed_sha256", _("SHA-256 of your seed"), value=asked.get("seed_sha256", ""), mono=True,
            hint=_("The seed stays with you. Until you draw, the city knows nothing but this."),
            error=said.get("seed_sha256", ""),
        ),
        "seed": Input(
            "seed", _("Or the seed itself"), mono=True,
            hint=_("22 to 128 letters, digits, - or _. The city keeps its hash alone, but has "
                   "seen it; the log says so."),
            error=said.get("seed", ""),
        ),
    }  # fmt: skip
    return form_page(request, "portal/auditor/cases/new_sample.html", context, problem)


@require_http_methods(["GET", "HEAD", "POST"])
@auditors_only
def sample(request: HttpRequest, sample_id: UUID) -> HttpResponseBase:
    """One sample: to be drawn with the seed, or what was drawn."""
    acting = Actor.of(request)
    found = sample_for(acting, sample_id)
    if request.method != "POST":
        return _sample_page(request, found)
    try:
        draw_sample(acting=acting, sample=found, seed=request.POST.get("seed", "").strip())
    except Problem as problem:
        return _sample_page(request, found, problem)
    messages.success(request, _("The sample is drawn. Its seed is public now."))
    return redirect("portal:audit-sample", sample_id)


def _sample_page(
    request: HttpRequest, found: AuditSample, problem: Problem | None = None
) -> HttpResponse:
    document = sample_document(found)
    drawn = is_drawn(found)
    said = said_of(problem)
    context: Context = {
        "case": case_view(found.case),
        "sample": {**document, **sample_line(found), "drawn_items": document["drawn"] or []},
        "is_drawn": drawn,
        "of_epoch": found.population_kind == "epoch",
        "manifest_url": manifest_address(found.population_id),
        "verifier_address": verifier_address(),
        "ready": drawn or joined_head(found) is not None,
        "seed": Input("seed", _("Your seed"), mono=True, error=said.get("seed", "")),
    }
    return form_page(request, "portal/auditor/cases/sample.html", context, problem)


@require_safe
@auditors_only
def sample_file(request: HttpRequest, sample_id: UUID) -> HttpResponseBase:
    """All that is needed to draw it again, as JSON."""
    found = sample_for(Actor.of(request), sample_id)
    body = json.dumps(sample_document(found), ensure_ascii=False, indent=1)
    answer = HttpResponse(body, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="sample-{found.id}.json"'
    return answer


@require_safe
@auditors_only
def sample_item(request: HttpRequest, sample_id: UUID, position: int) -> HttpResponseBase:
    """A contribution that was drawn: how it was checked and paid; never whose it is or what."""
    examined = examined_contribution(Actor.of(request), sample_id, position)
    document = contribution_document(examined.contribution)
    call = examined.contribution.call_version.document
    checks = document["quality"]["checks"]
    last = len(examined.sample.drawing.items)
    context = {
        "sample_id": sample_id,
        "position": position,
        "before": position - 1,
        "after": position + 1 if position < last else 0,
        "pseudonym": examined.pseudonym,
        "call": localized(call["title"]),
        "contribution": document,
        "checks": [
            {**line, "text": check_text(check)}
            for line, check in zip(checks, call["checks"], strict=False)
        ],
        "reward": examined.reward,
        "lines": [
            {**line, "where": f"{localized(line['dimension_label'])}: {localized(line['label'])}"}
            for line in examined.reward["lines"]
        ],
        "masses": [
            {
                "where": f"{localized(dimension_label(mass['dimension']))}: "
                f"{localized(label(mass['dimension'], mass['key']))}",
                "mass": mass["mass"],
            }
            for mass in document["strata"]
        ],
    }
    return render(request, "portal/auditor/cases/sample_item.html", context)
