"""Reading transparency reports, edition by edition, in every form."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable
from datetime import datetime
from typing import TypedDict, cast

from django.db.models import Max

from dure.core import clock
from dure.core.canonical import Json
from governance.log import keys
from governance.models import Report, ReportFile
from governance.reports.compute import ReportDocument
from governance.reports.documents import Figure, Texts, Value
from governance.reports.problems import FORM_UNKNOWN, REPORT_UNKNOWN

MANIFEST = "manifest.json"
SIGNED = "manifest.sig.json"
#: Times in an archive say nothing; the same package is the same bytes.
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


class PackageDocument(TypedDict):
    """What belongs to an edition, by name and hash, and the signature over the manifest's bytes."""

    manifest: dict[str, Json]
    sha256: str
    signature: str


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
    """A report and how to check it: hash and signature are over its canonical JSON.

    ``package`` is null for editions from before packages.
    """

    report: ReportDocument
    published: ReportSummary
    package: PackageDocument | None


class FigureChange(TypedDict):
    """A figure that another edition gives otherwise."""

    section: Texts
    label: Texts
    unit: str
    before: Value
    after: Value


def latest_report(period: str) -> Report:
    """The newest edition; raises the problem REPORT_UNKNOWN."""
    return edition_of(period, None)


def edition_of(period: str, edition: int | None) -> Report:
    """An edition, the newest for None; raises the problem REPORT_UNKNOWN."""
    reports = Report.objects.filter(period=period).select_related("log_entry__place")
    if edition is not None:
        reports = reports.filter(edition=edition)
    report = reports.order_by("-edition").first()
    if report is None:
        raise REPORT_UNKNOWN.problem()
    return report


def report_document(period: str, edition: int | None = None) -> PublishedReport:
    """A published report; raises the problem REPORT_UNKNOWN."""
    report = edition_of(period, edition)
    return {
        "report": report.document,
        "published": report_summary(report),
        "package": package_document(report),
    }


def package_document(report: Report) -> PackageDocument | None:
    """The manifest of an edition's files, and its signature."""
    if report.manifest is None or report.manifest_signature is None:
        return None
    return {
        "manifest": json.loads(bytes(report.manifest)),
        "sha256": report.manifest_sha256,
        "signature": bytes(report.manifest_signature).hex(),
    }


def report_file(report: Report, name: str) -> ReportFile:
    """A file of an edition; raises the problem FORM_UNKNOWN for one that it does not have."""
    found = ReportFile.objects.filter(report=report, name=name).first()
    if found is None:
        raise FORM_UNKNOWN.problem()
    return found


def package(report: Report) -> bytes:
    """An edition with all its files, manifest and signatures as one ZIP; the same bytes each time.

    Raises the problem FORM_UNKNOWN for an edition from before packages.
    """
    if report.manifest is None:
        raise FORM_UNKNOWN.problem()
    signed = {"published": report_summary(report), "package": package_document(report)}
    contents = {
        **{each.name: bytes(each.body) for each in ReportFile.objects.filter(report=report)},
        MANIFEST: bytes(report.manifest),
        SIGNED: json.dumps(signed, ensure_ascii=False, indent=1, sort_keys=True).encode(),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(contents):
            archive.writestr(zipfile.ZipInfo(name, _ZIP_TIME), contents[name])
    return out.getvalue()


def report_summaries() -> list[ReportSummary]:
    """Every published edition, newest first."""
    reports = Report.objects.select_related("log_entry__place").defer("body", "manifest")
    return [report_summary(report) for report in reports.order_by("-period", "-edition")]


def editions(period: str) -> list[ReportSummary]:
    """Every edition of a period, newest first."""
    reports = Report.objects.filter(period=period).select_related("log_entry__place")
    return [report_summary(report) for report in reports.order_by("-edition")]


def last_published(periods: Iterable[str]) -> dict[str, datetime]:
    """When the newest edition of each of some periods was published; none: not in it."""
    found = Report.objects.filter(period__in=periods).order_by().values_list("period")
    return dict(found.annotate(last=Max("published_at")))


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


def report_before(period: str) -> ReportDocument | None:
    """The newest edition on the quarter before a period, None where nobody published one."""
    earlier = clock.quarter_before(period)
    report = Report.objects.filter(period=earlier).order_by("-edition").first()
    return None if report is None else report.document


def changes(before: ReportDocument, after: ReportDocument) -> list[FigureChange]:
    """Figures that a later edition gives otherwise than an earlier one of the same period."""
    old: dict[tuple[str, str], Figure] = {
        (section["key"], figure["key"]): figure
        for section in before["sections"]
        for figure in section["figures"]
    }
    return [
        {
            "section": section["title"],
            "label": figure["label"],
            "unit": figure["unit"],
            "before": known["value"] if known else None,
            "after": figure["value"],
        }
        for section in after["sections"]
        for figure in section["figures"]
        if (known := old.get((section["key"], figure["key"]))) is None
        or known["value"] != figure["value"]
    ]


def as_json(document: PublishedReport) -> dict[str, Json]:
    """A published report as plain JSON."""
    return cast("dict[str, Json]", dict(document))
