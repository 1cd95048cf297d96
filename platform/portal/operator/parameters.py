"""What calls pay by: proposing other parameters with their simulated effect, and approving them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST

from contributions.calls.services import document_faults
from contributions.models import Call
from dure.accounts.acting import Actor
from dure.core.canonical import Json
from dure.core.language import localized
from dure.core.problems import Problem
from portal.auditor.epochs import call_titles
from portal.doors import operators_only
from portal.error_summary import ErrorSummary, Item, summary_of_problem
from portal.formatting import amount_text, number_text, share_text
from rewards.algorithms import ENTRIES
from rewards.epochs.pricing import fill_faults
from rewards.models import ParameterChange
from rewards.parameters.selectors import ChangeDocument, change_document
from rewards.parameters.services import REASON_MOST, approve_change, propose_change
from rewards.problems import CHANGE_REASON

SHOWN_MOST = 50
FIELDS = ("target_mass", "price_cap", "pool", "intake_fill")
#: Fields of a call's document as elements of the form, and what stands where on the page.
ANCHORS = {name: name for name in FIELDS} | {"pool.amount": "pool"}
ORDER = ("", *FIELDS, "reason")
Context = dict[str, Any]  # a template's context


def parameter_text(name: str) -> str:
    """What a parameter is called."""
    return {
        "target_mass": _("Target (records)"),
        "price_cap": _("Price cap"),
        "pool": _("Budget"),
        "intake_fill": _("Intake limit (multiple of target)"),
        "method": pgettext("of pricing", "Method"),
        "strata": _("Strata"),
        "cost_multipliers": _("Cost multipliers"),
    }.get(name, name)


def _hint(name: str) -> str:
    """What is to be typed into a field."""
    kept = _("Leave empty to keep it as it is.")
    told = {
        "price_cap": _("As a multiple of the mean price, such as 3."),
        "intake_fill": _("Of its target, such as 2: a stratum takes no more beyond it."),
    }.get(name)
    return f"{told} {kept}" if told else kept


def _value(value: object) -> str:
    if value is None:
        return _("none")
    if isinstance(value, dict) and {"asset", "amount"} <= set(value):
        return amount_text(value["amount"], value["asset"])
    return number_text(value) if type(value) is int else str(value)


def _effect(effect: dict[str, Any]) -> Context | None:
    """The simulation in words; None where nothing waited."""
    if not effect.get("contributions"):
        return None
    asset = effect["asset"]
    prices = [
        {
            "label": f"{row['dimension']} {row['key']}",
            "now": row["now"] or "–",
            "then": row["then"] or "–",
        }
        for row in effect["prices"]
        if row["now"] != row["then"]
    ]
    return {
        "contributions": number_text(effect["contributions"]),
        "moved": number_text(effect["moved"]),
        "now": amount_text(effect["now"]["total"], asset),
        "then": amount_text(effect["then"]["total"], asset),
        "value_now": share_text(effect["now"]["value_after"]),
        "value_then": share_text(effect["then"]["value_after"]),
        "prices": prices,
    }


def _row(change: ParameterChange, document: ChangeDocument, title: str, own: bool) -> Context:
    word, tone = {
        "proposed": (_("Waiting for a second person"), "heed"),
        "activated": (_("In force"), "good"),
    }.get(document["state"], (_("Replaced"), ""))
    return {
        **document,
        "title": title,
        "state_text": word,
        "tone": tone,
        "own": own,
        "proposer": change.proposer.name,
        "approver": change.approver.name if change.approver else "",
        "changes": [
            {"label": parameter_text(name), "before": _value(pair["before"]),
             "after": _value(pair["after"])}
            for name, pair in document["changes"].items()
        ],
        "effect": _effect(document["effect"]),
    }  # fmt: skip


def _in_force(call: Call) -> Context:
    """What a published call pays by now."""
    assert call.published is not None
    document = call.published.document
    return {
        "slug": call.slug,
        "title": localized(document["title"]),
        "method": localized(ENTRIES[document["method"]].name),
        "values": [
            {"label": parameter_text(name), "text": _value(document.get(name))} for name in FIELDS
        ],
    }


def _page(
    request: HttpRequest, problems: ErrorSummary | None = None, typed: dict[str, str] | None = None
) -> HttpResponse:
    changes = list(
        ParameterChange.objects.select_related("version__call", "proposer", "approver")[:SHOWN_MOST]
    )
    titles = call_titles({change.version.call.slug for change in changes})
    mine = Actor.of(request).require_person().id
    calls = Call.objects.filter(published__isnull=False).select_related("published")
    now = [_in_force(call) for call in calls.order_by("slug")]
    wrong = {item.anchor: item.message for item in problems.items} if problems else {}
    context = {
        "rows": [
            _row(
                change,
                change_document(change),
                titles.get(change.version.call.slug, change.version.call.slug),
                change.proposer_id == mine,
            )
            for change in changes
        ],
        "calls": [(call["slug"], call["title"]) for call in now],
        "now": now,
        "columns": [parameter_text(name) for name in FIELDS],
        "fields": [
            {
                "name": name,
                "label": parameter_text(name),
                "hint": _hint(name),
                "value": (typed or {}).get(name, ""),
                "error": wrong.get(name, ""),
            }
            for name in FIELDS
        ],
        "unsaid": wrong.get("reason", ""),
        "typed": typed or {},
        "problems": problems,
    }
    status = 422 if problems else 200
    return render(request, "portal/operator/parameters.html", context, status=status)


def _summary(problem: Problem, typed: dict[str, str]) -> ErrorSummary:
    """Everything that is wrong with what was typed, in the order of the fields, not one by one."""
    call = Call.objects.select_related("published").filter(slug=typed["call"]).first()
    wanted = _changes(typed, typed["call"])
    items = []
    if call is not None and call.published is not None:
        base = call.published.document
        # Each by itself: a document whose form is wrong is read no further.
        found = [fault for name in wanted for fault in document_faults(base | {name: wanted[name]})]
        found += fill_faults(wanted.get("intake_fill"))
        items = [Item(str(fault.message), ANCHORS.get(fault.field, "")) for fault in found]
    items += [
        Item(str(error.message), ANCHORS.get(error.field, ""))
        for error in problem.errors
        if str(error.message) not in {item.message for item in items}
    ]
    if not items and problem.kind is not CHANGE_REASON:
        items.append(Item(f"{problem.kind.title}. {problem.kind.advice}", FIELDS[0]))
    if not typed["reason"].strip():
        items.append(Item(_("Say why the call pays by something else."), "reason"))
    elif problem.kind is CHANGE_REASON or len(typed["reason"].strip()) > REASON_MOST:
        items.append(Item(_("Say it in at most 500 characters."), "reason"))
    items.sort(key=lambda item: ORDER.index(item.anchor))
    # The advice of a call's document speaks of sending it; here are fields, each with its own.
    return ErrorSummary(items=tuple(items))


def _changes(typed: dict[str, str], slug: str) -> dict[str, Json]:
    """What was typed as members of a call document; left empty means as it is."""
    given: dict[str, Json] = {}
    for name in FIELDS:
        text = typed[name].strip()
        if not text:
            continue
        if name == "target_mass":
            given[name] = int(text) if text.isascii() and text.isdigit() else text
        elif name == "pool":
            call = Call.objects.select_related("published").filter(slug=slug).first()
            known = call.published.document["pool"] if call and call.published else {}
            given[name] = {**known, "amount": text}
        else:
            given[name] = text
    return given


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def parameters(request: HttpRequest) -> HttpResponseBase:
    """Every change, newest first; POST proposes one."""
    if request.method != "POST":
        return _page(request)
    typed = {name: request.POST.get(name, "")[:600] for name in (*FIELDS, "call", "reason")}
    try:
        propose_change(
            acting=Actor.of(request),
            call_slug=typed["call"],
            changes=_changes(typed, typed["call"]),
            reason=typed["reason"],
        )
    except Problem as problem:
        if problem.kind.status in (403, 404):
            raise
        return _page(request, _summary(problem, typed), typed)
    messages.success(request, _("The change is proposed. Another person can now approve it."))
    return redirect("portal:console-parameters")


@require_POST
@operators_only
def approval(request: HttpRequest, change_id: UUID) -> HttpResponseBase:
    """Put a change into force, as a second person."""
    try:
        approve_change(acting=Actor.of(request), change_id=change_id)
    except Problem as problem:
        if problem.kind.status == 404:
            raise
        return _page(request, summary_of_problem(problem))
    messages.success(request, _("The change is in force."))
    return redirect("portal:console-parameters")
