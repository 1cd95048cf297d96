"""The readable report of one contribution's checks, and how a feed moved from push to push."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from contributions.findings_text import sentence
from contributions.models import Contribution, Finding, Stage, StageRun
from contributions.quality.suite import loss_of

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
        "score": score_of(contribution),
        "rules": rules,
        "rows": rows,
        "distributions": description.get("distributions", {}),
        "drift": told(description.get("drift")),
    }


def drift_of(contribution: Contribution) -> Document | None:
    """How a push differs from the one before it; None where there was none to compare with."""
    return told(_description(contribution.id).get("drift"))


def score_of(contribution: Contribution) -> Document:
    """The quality score and all that it takes to compute it by hand.

    score = mass / (1000 · records), three places. `mass` is 1000 for each accepted record less what
    the warnings it failed cost it (`losses`, never below 0 for a record); set-aside records bring
    nothing and are counted; duplicates are not counted at all.
    """
    checks = contribution.call_version.document["checks"]
    return {
        "value": contribution.quality_score or None,
        "formula": gettext(
            "Score = mass / (1,000 × records). Each accepted record brings 1,000 less the losses "
            "of the warnings it failed, never less than 0; a record that was set aside brings 0; "
            "duplicates are left out."
        ),
        "mass": contribution.mass,
        "records": contribution.received - contribution.duplicate,
        "accepted": contribution.accepted,
        "set_aside": contribution.quarantined,
        "duplicate": contribution.duplicate,
        "lost": 1000 * contribution.accepted - contribution.mass,
        "losses": [
            {
                "rule": check["type"],
                "column": result["column"],
                "loss": loss_of(check),
                "failing": result["failing"],
            }
            for result, check in zip(contribution.checks, checks, strict=False)
            if loss_of(check)
        ],
    }


def told(drift: Document | None) -> Document | None:
    """Every change of form is a note (`info`): it is worth a look and refuses nothing."""
    if drift is None:
        return None
    return {
        "psi": drift["psi"],
        "moved": sorted(name for name, index in drift["psi"].items() if index >= MOVED),
        "changes": [{"severity": "info", **change} for change in drift["changes"]],
    }


def _description(contribution_id: UUID) -> Document:
    return descriptions_of([contribution_id]).get(contribution_id, {})


def descriptions_of(contributions: Iterable[UUID]) -> dict[UUID, Document]:
    """What checking says of the form and values of contributions, by their id: one query."""
    runs = (
        StageRun.objects.filter(contribution__in=list(contributions), stage=Stage.QUALITY)
        .order_by("contribution_id", "-id")
        .distinct("contribution_id")
    )
    rows = runs.values_list("contribution_id", "counts")
    return {id_: (counts or {}).get("description", {}) for id_, counts in rows}


def _params(check: Document) -> dict[str, str | int]:
    kwargs = check.get("kwargs") or {}
    params: dict[str, str | int] = {key: str(kwargs[key]) for key in QUOTABLE if key in kwargs}
    if isinstance(kwargs.get("value_set"), list):
        params["value_set"] = ", ".join(str(each) for each in kwargs["value_set"][:12])
    return params
