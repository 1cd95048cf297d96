"""Transparency reports: the list, and one report with the figures of its document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from dure.core.language import localized
from governance.reports.documents import Figure, SectionDocument, Table
from governance.reports.selectors import report_document, report_summaries
from portal.auditor.charts import BarChart, bar_chart
from portal.doors import shows_problems
from portal.formatting import amount_text, exact, number_text

_NUMBER = re.compile(r"^-?\d+(\.\d+)?$", re.ASCII)
Cell = str | int | Mapping[str, str] | list[str] | None


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


def _figure_text(figure: Figure) -> str:
    value, unit = figure["value"], figure["unit"]
    if value is None:
        return _("under 5")
    if unit in ("DURE", "KRW"):
        return amount_text(value, unit)
    if not _NUMBER.match(str(value)):
        return str(value)
    if unit == "persons":
        return _("%(count)s people") % {"count": number_text(value)}
    return number_text(value)


def _cell_text(value: Cell) -> str:
    """A cell as text; a hidden count of persons reads as such."""
    if value is None:
        return _("under 5")
    if isinstance(value, Mapping):
        return localized(value)
    return number_text(str(value)) if _NUMBER.match(str(value)) else str(value)


def _chart(table: Table, title: str) -> BarChart | None:
    """Bars of the first column of figures, where rows have names of their own and one unit."""
    keys = [column["key"] for column in table["columns"]]
    names = [_cell_text(row.get(keys[0])) for row in table["rows"]]
    units = {str(row.get("asset")) for row in table["rows"]}
    if len(set(names)) < len(names) or len(units) > 1:
        return None
    for key in keys[1:]:
        if key == "number":
            continue
        column = [row.get(key) for row in table["rows"]]
        if column and all(isinstance(v, int | str) and _NUMBER.match(str(v)) for v in column):
            return bar_chart(
                title,
                [
                    (name, exact(str(row[key])), _cell_text(row[key]))
                    for name, row in zip(names, table["rows"], strict=True)
                ],
            )
    return None


def _section(section: SectionDocument) -> dict[str, Any]:  # Any: a template's context
    return {
        "title": localized(section["title"]),
        "figures": [
            {
                "label": localized(figure["label"]),
                "value": "" if figure["value"] is None else figure["value"],
                "text": _figure_text(figure),
            }
            for figure in section["figures"]
        ],
        "tables": [
            {
                "title": localized(table["title"]),
                "columns": [localized(column["label"]) for column in table["columns"]],
                "rows": [
                    [_cell_text(row.get(column["key"])) for column in table["columns"]]
                    for row in table["rows"]
                ],
                "chart": _chart(table, localized(table["title"])),
            }
            for table in section["tables"]
        ],
    }


@gzip_page
@require_safe
@shows_problems
def report(request: HttpRequest, period: str) -> HttpResponseBase:
    document = report_document(period)
    published = document["published"]
    address = f"/api/v1/reports/{period}/"
    context = {
        "period": period,
        "title": _("Transparency report, %(period)s") % {"period": period_text(period)},
        "published": published,
        "log_index": published["log"]["index"],
        "sections": [_section(section) for section in document["report"]["sections"]],
        "threshold": document["report"]["persons_threshold"],
        "json_url": f"{address}?format=json",
        "csv_url": f"{address}?format=csv",
    }
    return render(request, "portal/auditor/report.html", context)
