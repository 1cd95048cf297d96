"""The report of the checks of one contribution: rules in words, plots, failing rows, the score."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from contributions.selectors import contribution_for
from contributions.selectors.quality_report import FAILING_SHOWN, quality_report
from dure.accounts.acting import Actor
from dure.core.language import localized
from portal.doors import signed_in
from portal.drift_words import changes, distribution_chart, psi_rows
from portal.public.check_words import check_text
from portal.public.schema_words import severity_text


@require_safe
@signed_in
def quality(request: HttpRequest, receipt: str) -> HttpResponseBase:
    found = contribution_for(Actor.of(request), receipt)
    report = quality_report(found)
    document = found.call_version.document
    checks = document["checks"]
    score: dict[str, Any] = report["score"]  # Any: JSON
    context = {
        "receipt": found.receipt,
        "call": {"slug": found.call.slug, "title": localized(document["title"])},
        "score": {
            **score,
            "full": 1000 * score["records"],
            "losses": [
                {**line, "text": check_text(check)}
                for line, check in zip(
                    score["losses"],
                    [check for check in checks if (check.get("meta") or {}).get("loss")],
                    strict=False,
                )
            ],
        },
        "rules": [
            {**rule, "text": check_text(check), "else": severity_text(check)}
            for rule, check in zip(report["rules"], checks, strict=False)
        ],
        "findings": [{**row, "message": row["text"]} for row in report["rows"]],
        "more_findings": FAILING_SHOWN if len(report["rows"]) == FAILING_SHOWN else 0,
        "charts": [
            chart
            for column, distribution in report["distributions"].items()
            if (chart := distribution_chart(column, distribution)) is not None
        ],
        "compared": report["drift"] is not None,
        "psi": psi_rows(report["drift"]),
        "changes": changes(report["drift"]),
    }
    return render(request, "portal/resident/quality.html", context)
