"""Calls as operators see them: all of them, one with its versions, a trial with a sample."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contributions.calls.services import close_call, publish_call
from contributions.calls.trial import LIMITS, Trial, try_sample
from contributions.models import Call, CallVersion
from contributions.selectors.calls import (
    all_calls,
    latest_version,
    status,
    version_in_preparation,
    version_number,
    versions_of,
)
from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core.language import localized
from dure.core.problems import Problem
from portal.check_words import check_title
from portal.doors import operators_only
from portal.error_summary import ErrorSummary, Item, summary_of_problem
from portal.operator.editor.differences import differences
from portal.operator.editor.pages import document_file
from portal.operator.editor.preview import preview_of
from portal.public.schema_words import severity_text

Context = dict[str, Any]  # Any: a template's context
TONES = {"draft": "", "proposed": "heed", "open": "good", "scheduled": "info", "closed": ""}


def status_text(code: str) -> str:
    """Where a version of a call stands."""
    return {
        "draft": _("Draft"),
        "proposed": _("Proposed"),
        "scheduled": _("Scheduled"),
        "open": pgettext("call", "Open"),
        "closed": pgettext("call", "Closed"),
    }.get(code, code)


def version_text(version: CallVersion) -> str:
    """What became of one wording of a call."""
    return {
        CallVersion.State.DRAFT.value: _("Draft"),
        CallVersion.State.PROPOSED.value: _("Proposed"),
        CallVersion.State.PUBLISHED.value: pgettext("state of a version", "Published"),
        CallVersion.State.SUPERSEDED.value: _("Superseded"),
        CallVersion.State.CLOSED.value: pgettext("call", "Closed"),
    }[version.state]


def _waits(version: CallVersion) -> bool:
    """Whether a wording still is to be published."""
    return version.state in (CallVersion.State.DRAFT, CallVersion.State.PROPOSED)


def _row(call: Call) -> Context:
    newest = next(iter(call.versions.all()))
    newest.call = call
    code = status(call.published) if call.published else newest.state
    if call.published:
        call.published.call = call
    return {
        "slug": call.slug,
        "title": localized(newest.document["title"]),
        "status": status_text(code),
        "tone": TONES.get(code, ""),
        "number": newest.number,
        "waiting": version_text(newest) if _waits(newest) and call.published else "",
        "author": newest.author.name,
    }


@require_safe
@operators_only
def calls(request: HttpRequest) -> HttpResponseBase:
    """Every call, open or not."""
    context = {
        "rows": [_row(call) for call in all_calls()],
        "may_write": Actor.of(request).has(Role.OPERATOR),
    }
    return render(request, "portal/operator/calls.html", context)


def _version(slug: str) -> CallVersion:
    version = latest_version(slug)
    if version is None:
        raise Http404
    return version


def _context(request: HttpRequest, version: CallVersion) -> Context:
    document = version.document
    every = list(versions_of(version.call.slug))
    published = next((v for v in every if v.state == CallVersion.State.PUBLISHED), None)
    before = published or next((v for v in every if v.number < version.number), None)
    person = Actor.of(request).person
    own = person is not None and person.pk in (version.author_id, version.proposer_id)
    return {
        "title": localized(document["title"]),
        "description": localized(document["description"]),
        "slug": version.call.slug,
        "state": version_text(version),
        "waiting": _waits(version),
        "proposed": version.state == CallVersion.State.PROPOSED,
        "published": published,
        "own": own,
        "number": version.number,
        "reason": version.reason,
        # A version that replaces another, once it has been proposed.
        "revised": version.number > 1 and version.state != CallVersion.State.DRAFT,
        "asks_why": published is not None and version.state == CallVersion.State.DRAFT,
        "author": version.author.name,
        "proposer": version.proposer.name if version.proposer else "",
        "approver": version.approver.name if version.approver else "",
        "pool": document["pool"]["amount"],
        "asset": document["pool"]["asset"],
        "target": document["target_mass"],
        "versions": [
            {
                "number": each.number,
                "state": version_text(each),
                "author": each.author.name,
                "approver": each.approver.name if each.approver else "",
                "created_at": each.created_at,
            }
            for each in every
        ],
        "compared": before.number if before and before.number != version.number else 0,
        "changes": differences(before.document, document)
        if before and before.number != version.number
        else [],
        "may_write": Actor.of(request).has(Role.OPERATOR),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def call(request: HttpRequest, slug: str) -> HttpResponseBase:
    """One call: its newest wording, what it changes, and the step to publication."""
    version = _version(slug)
    if request.method != "POST":
        return render(request, "portal/operator/call.html", _context(request, version))
    if version_in_preparation(slug) is None:
        raise Http404
    seen = request.POST.get("version", "")
    if seen and seen != str(version.number):
        summary = ErrorSummary(
            items=(Item(_("Somebody saved another version meanwhile. Look at it first."), ""),)
        )
        context = {**_context(request, version), "problems": summary}
        return render(request, "portal/operator/call.html", context, status=422)
    reason = request.POST.get("reason", "")
    context = _context(request, version)
    if context["asks_why"] and not reason.strip():
        said = _("Say why the call changes; everybody who takes part can read it.")
        context |= {"problems": ErrorSummary(items=(Item(said, "reason"),)), "unsaid": said}
        return render(request, "portal/operator/call.html", context, status=422)
    try:
        done = publish_call(acting=Actor.of(request), slug=slug, reason=reason)
    except Problem as problem:
        context |= {"problems": summary_of_problem(problem), "typed": reason}
        return render(request, "portal/operator/call.html", context, status=422)
    published = done.state == CallVersion.State.PUBLISHED
    messages.success(
        request,
        _("The call is published, and its budget is in the pool.")
        if published
        else _("Publication is proposed. Another person now examines and approves it."),
    )
    return redirect("portal:console-call", slug)


@require_safe
@operators_only
def preview(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The public page as it would be with the newest wording."""
    version = _version(slug)
    published = version.call.published_id is not None
    return preview_of(request, version.document, published=published, waits=_waits(version))


@require_safe
@operators_only
def document(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The newest wording as a JSON file."""
    return document_file(_version(slug).document, slug)


@require_safe
@operators_only
def compared(request: HttpRequest, slug: str) -> HttpResponseBase:
    """What changed between two versions, chosen by `from` and `to`."""
    newest = _version(slug)
    to = _chosen(request, slug, "to") or newest
    start = _chosen(request, slug, "from") or version_number(slug, max(1, to.number - 1)) or newest
    context = {
        "slug": slug,
        "title": localized(newest.document["title"]),
        "numbers": [each.number for each in versions_of(slug)],
        "start": start.number,
        "to": to.number,
        "changes": differences(start.document, to.document),
    }
    return render(request, "portal/operator/call_versions.html", context)


def _chosen(request: HttpRequest, slug: str, name: str) -> CallVersion | None:
    given = request.GET.get(name, "")
    if not given:
        return None
    version = version_number(slug, int(given)) if given.isdecimal() and len(given) < 7 else None
    if version is None:
        raise Http404
    return version


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def trial(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The newest wording tried with a sample file; nothing of it is kept."""
    version = _version(slug)
    if request.method != "POST":
        return _trial_page(request, version)
    file = request.FILES.get("file")
    if file is None:
        summary = ErrorSummary(items=(Item(_("Choose a sample file."), "file"),))
        return _trial_page(request, version, problems=summary)
    try:
        found = try_sample(
            acting=Actor.of(request),
            document=version.document,
            stream=file,  # type: ignore[arg-type]  # Django's File reads like a BinaryIO
            filename=file.name or "",
            content_type=file.content_type or "",
        )
    except Problem as problem:
        if problem.kind.status in (401, 403, 404):
            raise
        summary = ErrorSummary(items=(Item(str(problem.detail), "file"),))
        return _trial_page(request, version, problems=summary)
    return _trial_page(request, version, found=found, filename=file.name or "")


def _trial_page(
    request: HttpRequest,
    version: CallVersion,
    *,
    found: Trial | None = None,
    filename: str = "",
    problems: ErrorSummary | None = None,
) -> HttpResponse:
    checks = version.document["checks"]
    context = {
        "slug": version.call.slug,
        "title": localized(version.document["title"]),
        "number": version.number,
        "trial": found,
        "filename": filename,
        "limit_mb": LIMITS.bytes_max // 1024 // 1024,
        "limit_rows": LIMITS.rows_max,
        "checks": [
            {
                **result,
                "title": check_title(check["type"]),
                "column": check.get("kwargs", {}).get("column", ""),
                "else": severity_text(check),
            }
            for check, result in zip(checks, found.checks if found else [], strict=False)
        ],
        "problems": problems,
    }
    return render(
        request, "portal/operator/call_trial.html", context, status=422 if problems else 200
    )


@require_POST
@operators_only
def closing(request: HttpRequest, slug: str) -> HttpResponseBase:
    """End an open call now; what was contributed stays."""
    close_call(acting=Actor.of(request), slug=slug)
    messages.success(
        request, _("The call is closed. What was contributed is settled with the next settlement.")
    )
    return redirect("portal:console-call", slug)
