"""Writing and changing a call: one form, kept whole at every step, without scripts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contributions import problems
from contributions.calls.document import UNSTORABLE, storable
from contributions.calls.services import document_faults, draft_call, rewrite_call
from contributions.models import CallVersion
from contributions.selectors import references
from contributions.selectors.calls import latest_version
from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core.language import localized
from dure.core.problems import FieldError, Problem
from dure.core.strict_json import loads
from portal.doors import operators_only
from portal.error_summary import ErrorSummary, Item
from portal.operator.editor.controls import Section
from portal.operator.editor.inputs import Document, changed, read_document
from portal.operator.editor.preview import preview_of
from portal.operator.editor.purposes import tied_choices
from portal.operator.editor.shown import anchor_of, sections

IMPORT_BYTES_MAX = 1024 * 1024
BLANK: Document = {
    "schema": {"fields": [{"name": "", "type": "string"}]},
    "checks": [],
    "strata": [],
    "purposes": [{"key": "city-ai", "required": True, "notice": {}}],
    "method": "coverage",
    "pool": {"asset": "DURE"},
    "price_cap": "3",
    "tolerance": "0.2",
    "retention_days": 1825,
    "licence": "CC-BY-4.0",
}


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def new_call(request: HttpRequest) -> HttpResponseBase:
    """A call that does not exist yet."""
    Actor.of(request).require(Role.OPERATOR)
    return _editor(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def change_call(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The newest wording of a call; saving makes a new version of it."""
    Actor.of(request).require(Role.OPERATOR)
    version = latest_version(slug)
    if version is None:
        raise Http404
    return _editor(request, version)


def _editor(request: HttpRequest, version: CallVersion | None) -> HttpResponseBase:
    if request.method != "POST":
        return _page(request, version, version.document if version else BLANK)
    act = request.POST.get("do", "")
    if act == "import":
        return _imported(request, version)
    document = read_document(request.POST)
    if version is not None:
        document["slug"] = version.call.slug
    if changed(document, act, request.POST):
        return _page(request, version, document)
    if act == "export":
        return document_file(document, str(document["slug"]) or "call")
    if act not in ("save", "preview"):
        return _page(request, version, document)
    if not storable(document):
        error = FieldError(field="request", message=UNSTORABLE, code="invalid")
        return _page(request, version, BLANK, [error])
    errors = document_faults(document)
    if errors:
        return _page(request, version, document, errors)
    if act == "preview":
        published = version is not None and version.call.published_id is not None
        return preview_of(request, document, published=published)
    return _saved(request, version, document)


def _saved(
    request: HttpRequest, version: CallVersion | None, document: Document
) -> HttpResponseBase:
    acting, slug = Actor.of(request), str(document["slug"])
    try:
        if version is None:
            draft_call(acting=acting, document=document)
        elif document != version.document:  # the same again is no new version
            over = request.POST.get("over", "")
            number = int(over) if over.isdecimal() else version.number
            rewrite_call(acting=acting, slug=slug, document=document, over=number)
    except Problem as problem:
        errors = problem.errors
        if problem.kind is problems.CALL_CHANGED:
            summary = ErrorSummary(
                items=(Item(str(problem.kind.title)),), advice=str(problem.detail)
            )
            return _render(request, version, document, (), summary)
        if problem.kind is problems.CALL_TAKEN:
            errors = (FieldError(field="slug", message=problem.kind.title, code="taken"),)
        if not errors:
            raise
        return _page(request, version, document, errors)
    messages.success(request, _("The draft is saved. Try it with a sample file, then propose it."))
    return redirect("portal:console-call", slug)


def _imported(request: HttpRequest, version: CallVersion | None) -> HttpResponseBase:
    """A document out of a file, put into the form to be looked at and saved."""
    file = request.FILES.get("json")
    document: object = None
    if file is not None and (file.size or 0) <= IMPORT_BYTES_MAX:
        try:
            document = loads(file.read())
        except ValueError:
            document = None
    if not isinstance(document, dict) or not storable(document):
        summary = ErrorSummary(
            items=(Item(_("Choose a JSON file of a call, up to 1 MB."), "json"),)
        )
        kept = read_document(request.POST)
        return _render(request, version, kept, (), summary)
    messages.info(request, _("The file is in the form and not saved yet. Look at it, then save."))
    return _page(request, version, document)


def _page(
    request: HttpRequest,
    version: CallVersion | None,
    document: Document,
    errors: tuple[FieldError, ...] | list[FieldError] = (),
) -> HttpResponse:
    items = tuple(Item(str(error.message), anchor_of(error.field)) for error in errors)
    return _render(request, version, document, errors, ErrorSummary(items=items) if items else None)


def _render(
    request: HttpRequest,
    version: CallVersion | None,
    document: Document,
    errors: tuple[FieldError, ...] | list[FieldError],
    summary: ErrorSummary | None,
) -> HttpResponse:
    form = sections(
        document,
        references=list(references()),
        organisations=tied_choices(),
        errors=errors,
        new=version is None,
    )
    if summary is not None:
        summary = _told_apart(summary, form)
    context: dict[str, Any] = {  # Any: a template's context
        "sections": form,
        "problems": summary,
        "wrong_file": summary.first if summary and summary.items[0].anchor == "json" else "",
        "slug": version.call.slug if version else "",
        "over": request.POST.get("over") or (version.number if version else 0),
        "name": localized(version.document["title"]) if version else "",
        "back": reverse("portal:console-call", args=[version.call.slug])
        if version
        else reverse("portal:console-calls"),
    }
    return render(request, "portal/operator/editor.html", context, status=422 if summary else 200)


def _told_apart(summary: ErrorSummary, form: Iterable[Section]) -> ErrorSummary:
    """What several fields share is said with the name of each."""
    labels: dict[str, str] = {}
    for section in form:
        labels |= {each.name: each.label for each in section.inputs}
        for part in section.parts:
            for within in (part, *part.parts):
                named = {each.name: each.label for each in (*within.inputs, *within.more)}
                labels |= {name: f"{within.title}, {label}" for name, label in named.items()}
    said = Counter(item.message for item in summary.items)
    items = tuple(
        Item(f"{labels[item.anchor]}: {item.message}", item.anchor)
        if said[item.message] > 1 and item.anchor in labels
        else item
        for item in summary.items
    )
    return replace(summary, items=items)


def document_file(document: Document, name: str) -> HttpResponse:
    """A call document to keep or to import elsewhere."""
    text = json.dumps(document, ensure_ascii=False, indent=2)
    answer = HttpResponse(text, content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.json"'
    return answer
