"""Computing a report from the records: the sections, protected, and what the log can prove of it.

The document is a function of the records, the period and the earlier editions.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NotRequired, TypedDict, cast

from django.conf import settings

from dure.core import clock
from dure.core.canonical import Json, canonical_hash
from governance.algorithms.selectors import algorithm_documents
from governance.models import LogCheckpoint, Report
from governance.registries import report_sections
from governance.reports.differencing import apart
from governance.reports.disclosure import THRESHOLD
from governance.reports.documents import SectionDocument, Table, Texts, protected
from governance.reports.periods import Edition, Period
from governance.reports.subtracting import totals_apart
from governance.reports.trend import PERIODS_MOST, Published, trend_section

FORMAT = "dure-report/2"
#: What says when and as which edition something is said, and not what.
_OCCASION = frozenset({"edition", "computed_at", "log", "supersedes", "correction"})


class AlgorithmLine(TypedDict):
    """Which code decided in the period."""

    id: str
    name: NotRequired[Texts]
    version: str
    code_sha256: str


class LogRange(TypedDict):
    """Which entries were counted: those of the period among the first ``size`` of the log."""

    origin: str
    size: int


class Superseded(TypedDict):
    """The edition before, which stays readable."""

    edition: int
    sha256: str


class ReportDocument(TypedDict):
    """A report as published; its canonical bytes are what is hashed, signed and logged.

    ``complete`` is false for a report on a quarter that was still running. ``correction`` says in
    the operator's words why there is another edition, where they said so.
    """

    format: str
    period: str
    edition: int
    starts_at: str
    ends_at: str
    computed_at: str
    complete: bool
    persons_threshold: int
    sections: list[SectionDocument]
    algorithms: list[AlgorithmLine]
    log: NotRequired[LogRange]
    supersedes: NotRequired[Superseded | None]
    correction: NotRequired[str]


def compute_document(
    period: Period, *, earlier: Sequence[Report] = (), correction: str = ""
) -> ReportDocument:
    """The report of a period from the records as they are now.

    ``earlier`` are the editions of the same period that are published, oldest first.
    """
    last = LogCheckpoint.objects.order_by("-size").first()
    size = 0 if last is None else last.size
    documents = [report.document for report in earlier]
    looked = Period(
        period.key,
        period.start,
        period.end,
        editions=published_editions(),
        log_size=size,
    )
    counted = [totals_apart(protected(section(looked))) for _, section in report_sections.items()]
    sections = apart(with_names(counted), [each["sections"] for each in documents])
    if trend := trend_section(period.key, sections, newest_before(period.key)):
        sections.append(trend)
    latest = earlier[-1] if earlier else None
    return {
        "format": FORMAT,
        "period": period.key,
        "edition": 1 if latest is None else latest.edition + 1,
        "starts_at": clock.rfc3339(period.start),
        "ends_at": clock.rfc3339(period.end),
        "computed_at": clock.rfc3339(clock.now()),
        "complete": period.end <= clock.now(),
        "persons_threshold": THRESHOLD,
        "sections": sections,
        "algorithms": [
            {
                "id": entry["id"],
                "name": entry["name"],
                "version": entry["version"],
                "code_sha256": entry["code_sha256"],
            }
            for entry in algorithm_documents()
        ],
        "log": {"origin": settings.LOG_ORIGIN, "size": size},
        "supersedes": None
        if latest is None
        else {"edition": latest.edition, "sha256": latest.sha256},
        "correction": correction,
    }


def published_editions() -> tuple[Edition, ...]:
    """Every report that is published, in the order in which they were computed."""
    documents = [report.document for report in Report.objects.only("body")]
    return tuple(
        sorted(
            (
                Edition(
                    each["period"],
                    datetime.fromisoformat(each["computed_at"]),
                    each["sections"],
                )
                for each in documents
            ),
            key=lambda edition: edition.computed_at,
        )
    )


def newest_before(period: str) -> list[Published]:
    """The newest edition of each earlier quarter that a trend goes back to, oldest first."""
    reports = (
        Report.objects.filter(period__lt=period)
        .order_by("-period", "-edition")
        .distinct("period")
        .only("period", "edition", "sha256", "body")[: PERIODS_MOST - 1]
    )
    return [
        Published(each.period, each.edition, each.sha256, each.document["sections"])
        for each in reversed(list(reports))
    ]


def with_names(sections: Sequence[SectionDocument]) -> list[SectionDocument]:
    """The sections with the names of calls in every table that speaks of calls."""
    names: dict[str, Texts] = {}
    for section in sections:
        for table in section["tables"]:
            names |= table.get("words", {}).get("call", {})
    return [
        {**section, "tables": [_named(table, names) for table in section["tables"]]}
        for section in sections
    ]


def _named(table: Table, names: dict[str, Texts]) -> Table:
    used = {str(row.get("call")) for row in table["rows"]} & set(names)
    if not used:
        return table
    words = dict(table.get("words", {}))
    return {**table, "words": {**words, "call": {slug: names[slug] for slug in sorted(used)}}}


def content_hash(document: ReportDocument) -> str:
    """The hash of what a report says, leaving aside which edition says it and when."""
    said = {name: value for name, value in document.items() if name not in _OCCASION}
    return canonical_hash(cast("Json", said))  # a TypedDict of JSON values
