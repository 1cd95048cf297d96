"""How an algorithm treats groups of people: the findings of its audits, to read and to repeat."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods

from contributions.strata_labels import dimension_label
from contributions.strata_labels import label as stratum_label
from dure.accounts.acting import Actor
from dure.core.language import localized
from dure.core.money import Asset
from governance.algorithms.selectors import AuditDocument, algorithm_document, audit_documents
from governance.audits.problems import AUDIT_LATELY
from governance.audits.services import MAY, audit_algorithm
from governance.registries import audit_sources
from portal.auditor.audit_words import (
    absent_text,
    call_of,
    drift_text,
    found_text,
    group_text,
    measure_text,
    part_text,
    trial_text,
)
from portal.auditor.audit_words import share_text as shares_title
from portal.auditor.cases.words import SEVERITY_TONES, severity_text
from portal.auditor.epochs import call_titles
from portal.check_words import rule_text
from portal.doors import shows_problems
from portal.formatting import exact, number_text, share_text

AUDITS_SHOWN = 20
PAUSE_S = 60
Context = dict[str, Any]  # a template's context


def outcome_view(audit: AuditDocument) -> Context:
    """The outcome of an audit in words, with the class that colours it."""
    absent: Any = audit["findings"].get("not_applicable", {})  # Any: JSON
    fair = (
        _("Every rule that was tried holds")
        if absent.get("selection") == "no-persons"
        else _("No unequal treatment found")
    )
    word, tone = {
        "fair": (fair, "good"),
        "unfair": (_("Unequal treatment or a broken rule found"), "bad"),
    }.get(audit["outcome"], (_("Too little data to tell"), "heed"))
    return {"id": audit["id"], "text": word, "tone": tone, "at": audit["audited_at"],
            "log": audit["log"]["index"]}  # fmt: skip


def verdict_text(verdict: str) -> str:
    """What is said of a group."""
    return {
        "fair": _("within four fifths"),
        "unfair": _("below four fifths"),
        "unclear": _("below four fifths, which chance could have done"),
    }.get(verdict, _("too few to tell"))


def _group(dimension: str, line: Mapping[str, Any]) -> Context:
    rate = line.get("rate")
    low, high = (Decimal(end) * 100 for end in line.get("interval_95", ("0", "0")))
    return {
        "label": localized(stratum_label(dimension, str(line["key"]))),
        "people": "" if line["people"] is None else number_text(line["people"]),
        "hidden": line["people"] is None,
        "verdict": verdict_text(str(line["verdict"])),
        "tone": {"fair": "good", "unfair": "bad", "unclear": "heed"}.get(str(line["verdict"]), ""),
        "rate": share_text(rate) if rate else "",
        "interval": f"{low:.1f}–{high:.1f} %" if rate else "",
        "low": f"{low:.1f}",
        "width": f"{max(high - low, Decimal(1)):.1f}",
        "point": f"{Decimal(rate) * 100:.1f}" if rate else "",
        "impact": _ratio(line.get("impact_ratio")),
        "reward": _ratio(line.get("reward_ratio")),
        "matched": _ratio(line.get("matched_reward_ratio")),
    }


def _ratio(value: str | None) -> str:
    return "" if value is None else f"{exact(value):.2f}"


def _lorenz(points: list[str]) -> Context:
    """The curve in a square of 100 by 100, the poorest on the left."""
    step = Decimal(100) / (len(points) - 1)
    pairs = [
        f"{place * step:.1f},{100 - Decimal(value) * 100:.2f}" for place, value in enumerate(points)
    ]
    return {"points": " ".join(pairs), "rows": [
        (f"{place * step:.0f} %", share_text(value)) for place, value in enumerate(points)
    ]}  # fmt: skip


def _inequality(found: Mapping[str, Any] | None) -> Context | None:
    if not found:
        return None
    theil = found.get("theil", {})
    return {
        "parties": number_text(found["parties"]),
        "gini": f"{exact(found['gini']):.3f}",
        "top_tenth": share_text(found["top_tenth"]),
        "top_hundredth": share_text(found["top_hundredth"]) if "top_hundredth" in found else "",
        "lorenz": _lorenz(found["lorenz"]) if "lorenz" in found else None,
        "theil": [
            (localized(dimension_label(name)), f"{exact(each['within']):.3f}",
             f"{exact(each['between']):.3f}")
            for name, each in theil.items()
        ],
    }  # fmt: skip


def _representation(rows: list[Mapping[str, Any]] | None) -> list[Context]:
    titles = call_titles({str(row["call"]) for row in rows or []})
    return [
        {
            "call": titles.get(row["call"], row["call"]),
            "dimension": localized(dimension_label(row["dimension"])),
            "before": row["distance_of_data"],
            "after": row["distance_of_pay"],
            "before_text": f"{exact(row['distance_of_data']):.3f}",
            "after_text": "" if row["distance_of_pay"] is None
            else f"{exact(row['distance_of_pay']):.3f}",
            "nearer": row["distance_of_pay"] is not None
            and exact(row["distance_of_pay"]) < exact(row["distance_of_data"]),
            "empty": _("%(empty)s of %(all)s") % {"empty": row["empty_strata"],
                                                   "all": row["strata"]},
        }
        for row in rows or []
    ]  # fmt: skip


def _trials(findings: Mapping[str, Any]) -> list[Context]:
    rows = [
        *(findings.get("counterfactuals") or []),
        *([findings["replay"]] if findings.get("replay") else []),
        *(findings.get("conservation") or []),
    ]
    return [
        {
            "label": trial_text(row["name"]),
            "tried": number_text(row["tried"]),
            "broken": number_text(row["broken"]),
            "tone": "bad" if row["broken"] else "good" if row["tried"] else "heed",
            "text": _("broken")
            if row["broken"]
            else _("holds true")
            if row["tried"]
            else _("not yet"),
        }
        for row in rows
    ]


def _shares(rows: list[Mapping[str, Any]] | None) -> list[Context]:
    """A table for what was done to the groups of one dimension."""
    tables: dict[tuple[str, str], list[Context]] = {}
    for row in rows or []:
        place = (str(row["name"]), str(row["dimension"]))
        tables.setdefault(place, []).append(
            {
                "label": group_text(place[1], str(row["key"])),
                "share": share_text(row["share"]) if row["share"] else "",
                "value": row["share"],
                "withheld": row["withheld"],
                "uneven": row["uneven"],
            }
        )
    titles = call_titles({slug for place in tables if (slug := call_of(*place))})
    return [
        {"title": shares_title(name, dimension, titles), "rows": own,
         "uneven": any(row["uneven"] for row in own),
         "withheld": all(row["withheld"] for row in own)}
        for (name, dimension), own in tables.items()
    ]  # fmt: skip


def _measures(rows: list[Mapping[str, Any]] | None) -> list[Context]:
    return [
        {
            "label": measure_text(str(row["name"])),
            "right": _("%(right)s of %(tried)s")
            % {"right": number_text(row["right"]), "tried": number_text(row["tried"])},
            "least": share_text(row["least"]),
            "good": row["rate"] is not None and exact(row["rate"]) >= exact(row["least"]),
        }
        for row in rows or []
    ]


def _found(rows: list[Mapping[str, Any]]) -> list[Context]:
    return [
        {
            "text": found_text(str(row["part"]), str(row["name"]), str(row["key"])),
            "severity": severity_text(str(row["severity"])),
            "tone": SEVERITY_TONES.get(str(row["severity"]), ""),
        }
        for row in rows
    ]


def findings_view(audit: AuditDocument) -> Context:
    """An audit as it is read."""
    findings: Any = audit["findings"]  # Any: JSON of governance.audits.findings
    return {
        **outcome_view(audit),
        "sha256": audit["sha256"],
        "signature": audit["signature"],
        "hidden_below": findings.get("hidden_below", 5),
        "decided_from": findings.get("decided_from", 30),
        "dimensions": [
            {
                "title": localized(dimension_label(name)),
                "groups": (groups := [_group(name, line) for line in lines]),
                "rated": [group for group in groups if group["rate"]],
                "has_reward": any(group["reward"] for group in groups),
            }
            for name, lines in (findings.get("selection") or {}).items()
        ],
        "inequality": _inequality(findings.get("inequality")),
        "representation": _representation(findings.get("representation")),
        # Of a reward rule the assets it pays in; of weights the releases that have them.
        "by_weights": any(
            row["asset"] not in Asset.values for row in findings.get("representation") or []
        ),
        "trials": _trials(findings),
        # Audits from before said neither what weighs how much nor why something is missing.
        "weighed": "found" in findings,
        "found": _found(findings.get("found") or []),
        "absent": [
            {"part": part_text(part), "reason": absent_text(reason)}
            for part, reason in (findings.get("not_applicable") or {}).items()
        ],
        "shares": _shares(findings.get("shares")),
        "measures": _measures(findings.get("measures")),
        "reasons": [
            {"rule": row["rule"], "text": rule_text(row["rule"]),
             "people": "" if row["people"] is None else number_text(row["people"])}
            for row in findings.get("reasons") or []
        ],
        "drift": [
            {
                "name": drift_text(str(row["name"])),
                "psi": "–" if row["psi"] is None else f"{exact(row['psi']):.3f}",
                "alert": row["alert"],
            }
            for row in findings.get("drift") or []
        ],
        "appeals": findings.get("appeals"),
    }  # fmt: skip


def _start(acting: Actor, algorithm: str) -> None:
    """An audit reads every decision there was: one of each algorithm in a minute is enough."""
    acting.require(*MAY)
    place = f"audit-run|{algorithm}"
    # Counted only where there is something to audit, else anybody's guess would be remembered.
    if audit_sources.get(algorithm) is not None and not cache.add(place, 1, PAUSE_S):
        raise AUDIT_LATELY.problem()
    audit_algorithm(acting=acting, algorithm=algorithm)


@gzip_page
@require_http_methods(["GET", "HEAD", "POST"])
@shows_problems
def fairness(request: HttpRequest, algorithm: str) -> HttpResponseBase:
    """The newest audit, or the one asked for; auditors and operators start another one here."""
    document = algorithm_document(algorithm)
    if request.method == "POST":
        _start(Actor.of(request), algorithm)
        messages.success(request, _("The audit is done, signed and entered in the log."))
        return redirect("portal:fairness", algorithm)
    audits = audit_documents(algorithm)
    asked = request.GET.get("audit", "")
    chosen = next((audit for audit in audits if asked in ("", audit["id"])), None)
    if asked and chosen is None:
        raise Http404
    acting = Actor.of(request)
    context = {
        "title": _("%(name)s: audit") % {"name": localized(document["name"])},
        "name": localized(document["name"]),
        "algorithm": algorithm,
        "audit": findings_view(chosen) if chosen else None,
        "audits": [outcome_view(audit) for audit in audits[:AUDITS_SHOWN]],
        "may_audit": audit_sources.get(algorithm) is not None
        and any(acting.has(role) for role in MAY),
        "json_url": f"/api/v1/algorithms/{algorithm}/audits/",
    }
    return render(request, "portal/auditor/fairness.html", context)
