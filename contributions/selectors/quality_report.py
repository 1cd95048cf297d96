"""The readable report of one contribution's checks, and how a feed moved from push to push."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from contributions.findings_text import sentence
from contributions.models import Contribution, Finding, Stage, StageRun

Document = dict[str, Any]  # Any: JSON
FAILING_SHOWN = 200
#: From here on, by the rule of thumb of the index, a column has moved.
MOVED = 0.25
QUOTABLE = ("min_value", "max_value", "regex", "value", "column_B")


def quality_report(contribution: Contribution) -> Document:
    """`rules` in plain words with pass or fail, the `rows` that failed, the `distributions`.

    No value of a cell is in it: limits and categories are the call's own, numbers are classes.
    """
    checks = contribution.call_version.document["checks"]
    # A result stands at the place of its check.
    rules = [
        {
            **result,
            "text": sentence(result["rule"], _params(check)),
            "verdict": "error" if result.get("error") else "pass" if result["passed"] else "fail",
        }
        for result, check in zip(contribution.checks, checks, strict=False)
    ]
    rows = [
        {
            "row": finding.row,
            "column": finding.column,
            "rule": finding.rule,
            "text": sentence(finding.rule, finding.params),
        }
        for finding in Finding.objects.filter(
            contribution=contribution, stage=Stage.QUALITY
        ).order_by("row", "id")[:FAILING_SHOWN]
    ]
    description = _description(contribution.id)
    return {
        "receipt": contribution.receipt,
        "rules": rules,
        "rows": rows,
        "distributions": description.get("distributions", {}),
        "drift": _told(description.get("drift")),
    }


def drift_of(contribution: Contribution) -> Document | None:
    """How a push differs from the one before it; None where there was none to compare with."""
    return _told(_description(contribution.id).get("drift"))


def _told(drift: Document | None) -> Document | None:
    """Every change of form is a note (`info`): it is worth a look and refuses nothing."""
    if drift is None:
        return None
    return {
        "psi": drift["psi"],
        "moved": sorted(name for name, index in drift["psi"].items() if index >= MOVED),
        "changes": [{"severity": "info", **change} for change in drift["changes"]],
    }


def _description(contribution_id: UUID) -> Document:
    counts = (
        StageRun.objects.filter(contribution=contribution_id, stage=Stage.QUALITY)
        .order_by("-id")
        .values_list("counts", flat=True)
        .first()
    ) or {}
    description: Document = counts.get("description", {})
    return description


def _params(check: Document) -> dict[str, str | int]:
    kwargs = check.get("kwargs") or {}
    params: dict[str, str | int] = {key: str(kwargs[key]) for key in QUOTABLE if key in kwargs}
    if isinstance(kwargs.get("value_set"), list):
        params["value_set"] = ", ".join(str(each) for each in kwargs["value_set"][:12])
    return params
