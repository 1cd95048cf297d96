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
from governance.algorithms.selectors import AuditDocument, algorithm_document, audit_documents
from governance.audits.problems import AUDIT_LATELY
from governance.audits.services import MAY, audit_algorithm
from governance.registries import audit_sources
from portal.auditor.epochs import call_titles
from portal.doors import shows_problems
from portal.formatting import exact, number_text, share_text

AUDITS_SHOWN = 20
PAUSE_S = 60
Context = dict[str, Any]  # a template's context


def outcome_view(audit: AuditDocument) -> Context:
    """The outcome of an audit in words, with the class that colours it."""
    word, tone = {
        "fair": (_("No unequal treatment found"), "good"),
        "unfair": (_("Unequal treatment or a broken rule found"), "bad"),
    }.get(audit["outcome"], (_("Too little data to tell"), "heed"))
    return {"id": audit["id"], "text": word, "tone": tone, "at": audit["audited_at"],
            "log": audit["log"]["index"]}  # fmt: skip


def verdict_text(verdict: str) -> str:
    """What is said of a group."""
    return {
        "fair": _("within four fifths"),
        "unfair": _("below four fifths"),
    }.get(verdict, _("too few to tell"))


def trial_text(name: str) -> str:
    """What a trial tried."""
    return {
        "replay": _("Every settlement follows from its manifest, byte for byte"),
        "order": _("The order in which contributions come makes no difference"),
        "identity": _("Who contributed makes no difference"),
        "split": _("Splitting a contribution in two never pays more"),
        "own-mass": _("A record more never pays less"),
        "budget-conserved": _("What a settlement paid is the sum of its rewards, within its pool"),
        "ledger-agrees": _("The ledger moved exactly what the settlement says"),
        "reward-has-a-contribution": _("Every reward stands for an accepted contribution"),
        "records-conserved": _("Accepted, set aside and duplicate records add up"),
        "refusal-has-a-reason": _("Whoever was refused was told a reason"),
    }.get(name, name)


def _group(dimension: str, line: Mapping[str, Any]) -> Context:
    rate = line.get("rate")
    low, high = (Decimal(end) * 100 for end in line.get("interval_95", ("0", "0")))
    return {
        "label": localized(stratum_label(dimension, str(line["key"]))),
        "people": "" if line["people"] is None else number_text(line["people"]),
        "hidden": line["people"] is None,
        "verdict": verdict_text(str(line["verdict"])),
        "tone": {"fair": "good", "unfair": "bad"}.get(str(line["verdict"]), ""),
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
            for name, lines in findings.get("selection", {}).items()
        ],
        "inequality": _inequality(findings.get("inequality")),
        "representation": _representation(findings.get("representation")),
        "trials": _trials(findings),
        "reasons": [
            {"rule": row["rule"], "people": "" if row["people"] is None
             else number_text(row["people"])}
            for row in findings.get("reasons") or []
        ],
        "drift": [
            {
                "name": str(row["name"]),
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
