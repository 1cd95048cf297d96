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
from dure.core.language import current, localized
from governance.reports.compute import ReportDocument
from governance.reports.documents import Figure, SectionDocument, Value
from governance.reports.documents import figure as figure_of
from governance.reports.pdf_form import method, rule_text
from governance.reports.selectors import (
    FigureChange,
    changes,
    edition_of,
    editions,
    report_before,
    report_document,
    report_summaries,
)
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
    section: SectionDocument, titles: Mapping[str, str], before: Mapping[tuple[str, str], Figure]
) -> dict[str, Any]:  # Any: a template's context
    return {
        "key": section["key"],
        "title": localized(section["title"]),
        "figures": [
            {
                "label": localized(figure["label"]),
                "value": "" if figure["value"] is None else figure["value"],
                "text": figure_text(figure),
                "withheld": figure["value"] is None,
                "before": figure_text(earlier)
                if (earlier := before.get((section["key"], figure["key"])))
                else "",
            }
            for figure in section["figures"]
        ],
        "tables": [table_view(table, titles) for table in section["tables"]],
        "notes": [localized(note) for note in section.get("notes", [])],
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


def _figures(document: ReportDocument | None) -> dict[tuple[str, str], Figure]:
    sections = document["sections"] if document else []
    return {(s["key"], figure["key"]): figure for s in sections for figure in s["figures"]}


def _changed(document: ReportDocument) -> list[dict[str, str]]:
    """What an edition says otherwise than the one before it."""
    superseded = document.get("supersedes")
    if not superseded:
        return []
    earlier = edition_of(document["period"], superseded["edition"]).document
    return [
        {
            "label": f"{localized(change['section'])}: {localized(change['label'])}",
            "before": _value_text(change, change["before"]),
            "after": _value_text(change, change["after"]),
        }
        for change in changes(earlier, document)
    ]


def _value_text(change: FigureChange, value: Value) -> str:
    made = figure_of("", change["label"], value, change["unit"])
    return figure_text(made)


def _asked_edition(request: HttpRequest) -> int | None:
    """The edition in the address; anything that is no number is no edition there is."""
    text = request.GET.get("edition", "")
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


@gzip_page
@require_safe
@shows_problems
def report(request: HttpRequest, period: str) -> HttpResponseBase:
    document = report_document(period, _asked_edition(request))
    published, body = document["published"], document["report"]
    titles = titles_of(body["sections"])
    others = editions(period)
    previous = report_before(period)
    query = f"?edition={published['edition']}&format"
    address = f"/api/v1/reports/{period}/"
    context = {
        "period": period,
        "title": _("Transparency report, %(period)s") % {"period": period_text(period)},
        "published": published,
        "package": document["package"],
        "log_index": published["log"]["index"],
        "complete": body["complete"],
        "sections": [_section(each, titles, _figures(previous)) for each in body["sections"]],
        "previous": previous
        and {"period": previous["period"], "title": period_text(previous["period"])},
        "method": method(body),
        "algorithms": [{**each, "title": rule_text(each)} for each in body["algorithms"]],
        "correction": body.get("correction", ""),
        "changed": _changed(body),
        "editions": others,
        "is_newest": others[0]["edition"] == published["edition"],
        "district_charts": district_charts(),
        "forms": [
            (name, f"{address}{query}={form}")
            for name, form in (
                *((("PDF", f"pdf&lang={current()}"),) if document["package"] else ()),
                ("CSV", "csv"),
                ("JSON", "json"),
                *(((_("Package (ZIP)"), "zip"),) if document["package"] else ()),
            )
        ],
    }
    return render(request, "portal/auditor/report.html", context)
