"""Reading transparency reports, and computing one from the records."""

from __future__ import annotations

from typing import TypedDict, cast

from dure.core import clock
from dure.core.canonical import Json, canonical_hash
from governance.algorithms.selectors import algorithm_documents
from governance.log import keys
from governance.models import Report
from governance.registries import report_sections
from governance.reports.disclosure import THRESHOLD
from governance.reports.documents import SectionDocument, protected
from governance.reports.periods import Period
from governance.reports.problems import REPORT_UNKNOWN

FORMAT = "dure-report/1"


class AlgorithmLine(TypedDict):
    """Which code decided in the period."""

    id: str
    version: str
    code_sha256: str


class ReportDocument(TypedDict):
    """A report as published; its canonical bytes are what is hashed, signed and logged.

    ``complete`` is false for a report on a quarter that was still running.
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


class ReportSummary(TypedDict):
    """A published report in a list."""

    period: str
    edition: int
    sha256: str
    signature: str
    public_key: str
    published_at: str
    log: dict[str, int | None]


class PublishedReport(TypedDict):
    """A report and how to check it: hash and signature are over its canonical JSON."""

    report: ReportDocument
    published: ReportSummary


def compute_document(period: Period, *, edition: int) -> ReportDocument:
    """The report of a period from the records as they are now."""
    return {
        "format": FORMAT,
        "period": period.key,
        "edition": edition,
        "starts_at": clock.rfc3339(period.start),
        "ends_at": clock.rfc3339(period.end),
        "computed_at": clock.rfc3339(clock.now()),
        "complete": period.end <= clock.now(),
        "persons_threshold": THRESHOLD,
        "sections": [protected(section(period)) for _, section in report_sections.items()],
        "algorithms": [
            {
                "id": entry["id"],
                "version": entry["version"],
                "code_sha256": entry["code_sha256"],
            }
            for entry in algorithm_documents()
        ],
    }


def content_hash(document: ReportDocument) -> str:
    """The hash of what a report says, leaving aside which edition says it and when."""
    said = {
        name: value for name, value in document.items() if name not in {"edition", "computed_at"}
    }
    return canonical_hash(cast("Json", said))  # a TypedDict of JSON values


def latest_report(period: str) -> Report:
    """The newest edition; raises the problem REPORT_UNKNOWN."""
    report = (
        Report.objects.filter(period=period)
        .select_related("log_entry")
        .order_by("-edition")
        .first()
    )
    if report is None:
        raise REPORT_UNKNOWN.problem()
    return report


def report_document(period: str) -> PublishedReport:
    """The published report of a period, newest edition; raises the problem REPORT_UNKNOWN."""
    report = latest_report(period)
    return {"report": report.document, "published": report_summary(report)}


def report_summaries() -> list[ReportSummary]:
    """Every published edition, newest first."""
    reports = Report.objects.select_related("log_entry").order_by("-period", "-edition")
    return [report_summary(report) for report in reports]


def report_summary(report: Report) -> ReportSummary:
    """What a list tells about a report."""
    return {
        "period": report.period,
        "edition": report.edition,
        "sha256": report.sha256,
        "signature": bytes(report.signature).hex(),
        "public_key": keys.signer_of(bytes(report.body), bytes(report.signature)).hex(),
        "published_at": clock.rfc3339(report.published_at),
        "log": {"index": report.log_entry.index},
    }
