"""The algorithm register: what decides about people, generated from the code that runs."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from dure.core.language import localized
from governance.algorithms.records import Change, differences
from governance.algorithms.selectors import (
    AlgorithmDetail,
    algorithm_document,
    algorithm_documents,
    audit_documents,
    newest_audits,
)
from governance.cases.selectors import findings_about
from governance.registries import audit_sources
from portal.auditor.cases.words import finding_views
from portal.auditor.fairness import outcome_view
from portal.changed_words import changed_words
from portal.doors import shows_problems
from portal.formatting import date_text, month_text

STANDARDS = (
    ("nl", "Publicatiestandaard 1.0.0 (NL)"),
    ("ats", "Algorithmic Transparency Standard 0.3.1 (Eurocities)"),
    ("atrs", "Algorithmic Transparency Recording Standard 1.1 (UK)"),
)


@gzip_page
@require_safe
def algorithms(request: HttpRequest) -> HttpResponseBase:
    audits = newest_audits()
    context = {
        "algorithms": [
            {
                "id": document["id"],
                "title": localized(document["name"]),
                "summary": localized(document["purpose"]),
                "version": document["version"],
                "automated": document["automated"],
                "in_use": bool(document["in_use_since"]),
                "audit": outcome_view(audits[document["id"]]) if document["id"] in audits else None,
            }
            for document in algorithm_documents()
        ]
    }
    return render(request, "portal/auditor/algorithms.html", context)


def _sections(document: AlgorithmDetail) -> list[dict[str, str]]:
    """The five questions that a register answers, in their usual order."""
    parts = [
        ("data", _("Which data it uses"), document["data"]),
        ("how", _("How it decides"), document["how"]),
        ("equal", _("How it treats everybody alike"), document["non_discrimination"]),
        ("oversight", _("Who watches it"), document["human_oversight"]),
        ("risks", _("What could go wrong, and what is done about it"), document["risks"]),
    ]
    return [{"id": name, "title": title, "text": localized(text)} for name, title, text in parts]


def _korea(document: AlgorithmDetail) -> list[tuple[str, str]]:
    """The two laws' questions with their answers."""
    act: Any = document["korea"]["ai_basic_act"]  # Any: JSON
    decision: Any = document["korea"]["pipa37_2"]
    check = {
        "possibly": _("possibly high-impact: kept under self-assessment"),
        "no": _("not high-impact: a human decides"),
    }
    return [
        (_("High-impact self-assessment (AI Basic Act, art. 33)"),
         check.get(act["high_impact_selfcheck"], act["high_impact_selfcheck"])),
        (_("Human supervisor"), f"{localized(act['human_supervisor']['name'])}, "
                                f"{act['human_supervisor']['contact']}"),
        (_("Documents kept until"),
         date_text(date.fromisoformat(act["document_retention_until"]))),
        (_("Fully automated decision (PIPA art. 37-2)"),
         _("Yes") if decision["applies"] else _("No")),
        (_("Whom it concerns"), localized(decision["subject_scope"])),
        (_("What it was trained with"),
         localized(act["explanation_plan"]["training_data_outline"])),
        (_("How to object"), localized(decision["how_to_exercise"])),
        (_("Answer to an objection within"),
         _("%(days)s days") % {"days": decision["sla_days"]}),
    ]  # fmt: skip


def _month(written: str) -> str:
    """A ``YYYY-MM`` of the register as a reader writes it; empty where there is none."""
    return month_text(date.fromisoformat(f"{written}-01")) if written else ""


@gzip_page
@require_safe
@shows_problems
def algorithm(request: HttpRequest, algorithm: str) -> HttpResponseBase:
    document = algorithm_document(algorithm)
    audits = audit_documents(algorithm)
    context = {
        "title": localized(document["name"]),
        "summary": localized(document["purpose"]),
        "sections": _sections(document),
        "legal_basis": localized(document["legal_basis"]) if document["legal_basis"] else "",
        "document": document,
        "in_use_since": _month(document["in_use_since"]),
        "korea": _korea(document),
        "audit": outcome_view(audits[0]) if audits else None,
        "findings": finding_views(findings_about("algorithm", algorithm)),
        "auditable": audit_sources.get(algorithm) is not None,
        "history": [
            {**row, "number": len(document["history"]) - place}
            for place, row in enumerate(document["history"])
        ],
        "standards": STANDARDS,
        "json_url": f"/api/v1/algorithms/{algorithm}/",
    }
    return render(request, "portal/auditor/algorithm.html", context)


def member_text(member: str) -> str:
    """What a member of a record is called."""
    if member.startswith("sources."):
        return member.removeprefix("sources.")
    return {
        "version": _("Version"),
        "name": _("Name"),
        "purpose": _("Purpose"),
        "how": _("How it decides"),
        "data": _("Which data it uses"),
        "human_oversight": _("Who watches it"),
        "non_discrimination": _("How it treats everybody alike"),
        "risks": _("What could go wrong, and what is done about it"),
        "legal_basis": _("Legal basis"),
        "automated": _("Decides by itself"),
        "in_use_since": _("In use since"),
    }.get(member, member)


def _change(change: Change) -> dict[str, Any]:
    def text(value: str | dict[str, str]) -> str:
        return value if isinstance(value, str) else localized(value)

    words = changed_words(text(change["before"]), text(change["after"]))
    return {
        "label": member_text(change["member"]),
        "is_code": change["member"].startswith("sources."),
        "before": text(change["before"]),
        "after": text(change["after"]),
        "pieces": dict(zip(("before", "after"), words, strict=True)),
    }


@gzip_page
@require_safe
@shows_problems
def difference(request: HttpRequest, algorithm: str, number: int) -> HttpResponseBase:
    """What the ``number``-th registered version has otherwise than the one before it."""
    document = algorithm_document(algorithm)
    oldest_first = document["history"][::-1]
    if not 2 <= number <= len(oldest_first):
        raise Http404
    before, after = oldest_first[number - 2], oldest_first[number - 1]
    known = before["record"] is not None and after["record"] is not None
    context = {
        "title": _("%(name)s: what changed") % {"name": localized(document["name"])},
        "name": localized(document["name"]),
        "algorithm": algorithm,
        "before": before,
        "after": after,
        "known": known,
        "changes": [_change(c) for c in differences(before["record"] or {}, after["record"] or {})]
        if known
        else [],
    }
    return render(request, "portal/auditor/difference.html", context)
