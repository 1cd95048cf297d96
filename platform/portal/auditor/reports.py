"""Transparency reports: the list, and one report with the figures of its document."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from contributions.selectors.calls import call_documents, open_calls
from dure.core.language import localized
from governance.reports.documents import SectionDocument
from governance.reports.selectors import report_document, report_summaries
from portal.auditor.charts import BarChart, bar_chart
from portal.auditor.report_words import figure_text, table_view, titles_of
from portal.doors import shows_problems
from portal.formatting import exact
from portal.public.cards import call_card


def period_text(period: str) -> str:
    """``2026년 4분기`` for ``2026-q4``."""
    year, _dash, number = period.partition("-q")
    return _("Quarter %(quarter)s of %(year)s") % {"quarter": number, "year": year}


@gzip_page
@require_safe
def transparency(request: HttpRequest) -> HttpResponseBase:
    """Published periods, newest first; of each the latest edition."""
    newest: dict[str, dict[str, str]] = {}
    for summary in report_summaries():
        newest.setdefault(
            summary["period"],
            {
                "period": summary["period"],
                "title": period_text(summary["period"]),
                "published_at": summary["published_at"],
            },
        )
    context = {"reports": list(newest.values())}
    return render(request, "portal/auditor/transparency.html", context)


def _section(
    section: SectionDocument, titles: Mapping[str, str]
) -> dict[str, Any]:  # Any: a template's context
    return {
        "title": localized(section["title"]),
        "figures": [
            {
                "label": localized(figure["label"]),
                "value": "" if figure["value"] is None else figure["value"],
                "text": figure_text(figure),
            }
            for figure in section["figures"]
        ],
        "tables": [table_view(table, titles) for table in section["tables"]],
    }


def district_charts() -> list[BarChart]:
    """Coverage by district of every open call that has districts, as of now."""
    charts = []
    for document in call_documents(open_calls()):
        card = call_card(document)
        dimension = card.dimension("district")
        if dimension is None:
            continue
        rows = [
            (row.label, min(exact(row.have), exact(row.target)) / (exact(row.target) or 1),
             row.coverage_text)
            for row in dimension.rows
        ]  # fmt: skip
        chart = bar_chart(card.title, rows, Decimal(1))
        if chart:
            charts.append(chart)
    return charts


@gzip_page
@require_safe
@shows_problems
def report(request: HttpRequest, period: str) -> HttpResponseBase:
    document = report_document(period)
    published, sections = document["published"], document["report"]["sections"]
    titles = titles_of(sections)
    address = f"/api/v1/reports/{period}/"
    context = {
        "period": period,
        "title": _("Transparency report, %(period)s") % {"period": period_text(period)},
        "published": published,
        "log_index": published["log"]["index"],
        "sections": [_section(section, titles) for section in sections],
        "district_charts": district_charts(),
        "threshold": document["report"]["persons_threshold"],
        "json_url": f"{address}?format=json",
        "csv_url": f"{address}?format=csv",
    }
    return render(request, "portal/auditor/report.html", context)
