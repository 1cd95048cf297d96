"""Trying rules out on the running settlement before it is closed: who would get what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contributions.models import CallVersion
from contributions.strata_labels import dimension_label, label
from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core.canonical import Json
from dure.core.language import localized
from dure.core.problems import INVALID, FieldError, Problem
from portal.auditor.charts import BarChart, bar_chart
from portal.auditor.epochs import epoch_title
from portal.doors import operators_only
from portal.error_summary import ErrorSummary, Item, summary_of_problem
from portal.formatting import amount_text, multiplier_number, number_text, share_text
from rewards.algorithms import ENTRIES
from rewards.epochs.selectors import running_epoch
from rewards.epochs.simulation import Simulation, simulate
from rewards.valuation.methods import METHODS

ROWS_SHOWN = 100
BARS_SHOWN = 10
RULES_LENGTH_MAX = 20_000
#: Fields of the form by the member of the call document that they change.
PLAIN = {"price_cap": "price_cap", "intake_fill": "intake_fill"}


def changes_of(posted: Mapping[str, str]) -> dict[str, Json]:
    """Members that the form changes; INVALID names the field that cannot be read."""
    changes: dict[str, Json] = {}
    if posted.get("method"):
        changes["method"] = posted["method"]
    for field, member in PLAIN.items():
        value = (posted.get(field) or "").strip()
        if value:
            changes[member] = None if value == "-" else value
    target = (posted.get("target_mass") or "").strip()
    if target:
        if not target.isascii() or not target.isdigit() or not 0 < int(target) <= 10**9:
            message = _("Give the number of records wanted, from 1 to a thousand million.")
            raise INVALID.problem(errors=[FieldError("target_mass", message)])
        changes["target_mass"] = int(target)
    return {**changes, **_more(posted.get("rules") or "")}


def _more(text: str) -> dict[str, Json]:
    """Further members, written as JSON."""
    if not text.strip():
        return {}
    try:
        found = json.loads(text) if len(text) <= RULES_LENGTH_MAX else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        message = _("Write an object in JSON, or leave this empty.")
        raise INVALID.problem(errors=[FieldError("rules", message)])
    return found


def _method_name(method: str) -> str:
    return localized(ENTRIES[method].name)


def stratum_label(dimension: str, key: str) -> str:
    """``District: Dobong-gu``."""
    return f"{localized(dimension_label(dimension))}: {localized(label(dimension, key))}"


def _outcome(found: Simulation) -> dict[str, Any]:  # Any: a template's context
    rows = [
        {
            **row,
            "share_now_text": share_text(row["share_now"]),
            "share_then_text": share_text(row["share_then"]),
        }
        for row in found["rows"][:ROWS_SHOWN]
    ]
    return {
        **found,
        "rows": rows,
        "more": found["contributions"] > len(rows),
        "chart": _chart(found),
        "now_method": _method_name(found["now"]["method"]),
        "then_method": _method_name(found["then"]["method"]),
        "value_now": share_text(found["now"]["value_after"]),
        "value_then": share_text(found["then"]["value_after"]),
        "prices": [
            {
                "label": stratum_label(price["dimension"], price["key"]),
                "now_text": f"×{multiplier_number(price['now'])}" if price["now"] else "–",
                "then_text": f"×{multiplier_number(price['then'])}" if price["then"] else "–",
            }
            for price in found["prices"]
            if len(price["key"]) < 64  # a pseudonym says nothing to a reader
        ],
    }


def _chart(found: Simulation) -> BarChart | None:
    """Amounts of those that differ most, under both rules, one bar below the other."""
    bars = []
    for row in found["rows"][:BARS_SHOWN]:
        for name, key in ((_("now"), "now"), (_("then"), "then")):
            value = Decimal(row["now"] if key == "now" else row["then"])
            bars.append((f"{row['receipt']} · {name}", value, amount_text(value, found["asset"])))
    return bar_chart(_("The largest differences, in amounts"), bars)


def _context(call_slug: str, posted: Mapping[str, str]) -> dict[str, Any]:  # Any: a context
    epoch = running_epoch(call_slug)
    if epoch is None:
        raise Http404
    version = CallVersion.objects.filter(published_for=epoch.call_id).first()
    document = version.document if version else {}
    call_title = localized(document["title"]) if version else call_slug
    return {
        "slug": call_slug,
        "title": epoch_title(call_title, epoch.number),
        "now": _published(document),
        "methods": [
            {"code": method, "name": _method_name(method), "chosen": posted.get("method") == method}
            for method in METHODS
        ],
        "typed": {
            name: posted.get(name, "") for name in ("price_cap", "intake_fill", "target_mass")
        },
        "rules": posted.get("rules", ""),
        "posted": bool(posted),
    }


def _published(document: Mapping[str, Any]) -> dict[str, str]:  # Any: JSON
    """What the fields of the form change, as it is published."""
    method = document.get("method")
    said = {"method": _method_name(method) if method else ""}
    for name in (*PLAIN, "target_mass"):
        value = document.get(name)
        said[name] = _("none") if value is None else number_text(value)
    return said


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def simulation(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Who would get what if the settlement closed now, and under other rules; nothing is kept.

    Settling all that waits takes its time in a large call: it is done when it is asked for.
    """
    posted = {name: str(value) for name, value in request.POST.items()}
    context = _context(slug, posted)
    Actor.of(request).require(Role.OPERATOR)
    if request.method != "POST":
        return render(request, "portal/operator/simulation.html", context)
    try:
        found = simulate(acting=Actor.of(request), call_slug=slug, changes=changes_of(posted))
    except Problem as problem:
        if problem.kind.status in (403, 404):
            raise
        context["problems"] = _summary(problem)
        return render(request, "portal/operator/simulation.html", context, status=422)
    context["found"] = _outcome(found)
    return render(request, "portal/operator/simulation.html", context)


def _summary(problem: Problem) -> ErrorSummary:
    """The problem with links to the fields of the form; other members stand in the JSON."""
    summary = summary_of_problem(problem)
    own = {*PLAIN, "target_mass", "method"}
    items = tuple(
        Item(f"{error.field}: {error.message}", error.field if error.field in own else "rules")
        for error in problem.errors
    )
    return ErrorSummary(summary.detail, summary.advice, items)
