"""Printing a transparency report of twenty pages, as it is published: tagged, in two languages.

CPU time of one PDF; the goal is a document of twenty pages in five seconds.
"""

from __future__ import annotations

import io
import time

from pypdf import PdfReader

from governance.reports.compute import ReportDocument
from governance.reports.documents import AMOUNT, PERSONS, SectionDocument, Table
from governance.reports.pdf_form import report_pdf
from tests.benchmarks.measure import Figure, Size

#: Calls in each of eight sections: with these the document has twenty pages and more.
CALLS: dict[Size, int] = {"quick": 60, "normal": 60, "full": 600}
SECTIONS = 8


def _table(calls: int) -> Table:
    names = {f"call-{n}": {"ko": f"{n}번째 모집", "en": f"Call {n}"} for n in range(calls)}
    return {
        "key": "calls",
        "title": {"ko": "모집별 보상", "en": "Rewards by call"},
        "columns": [
            {"key": "call", "label": {"ko": "모집", "en": "Call"}},
            {"key": "people", "label": {"ko": "사람", "en": "People"}, "unit": PERSONS},
            {"key": "paid", "label": {"ko": "지급", "en": "Paid"}, "unit": AMOUNT},
        ],
        "rows": [
            {"call": slug, "asset": "DURE", "people": 5 + place, "paid": f"{1000 * place}.25"}
            for place, slug in enumerate(names)
        ],
        "words": {"call": names},
    }


def _document(calls: int) -> ReportDocument:
    section: SectionDocument = {
        "key": "rewards",
        "title": {"ko": "보상", "en": "Rewards"},
        "figures": [],
        "tables": [_table(calls), {**_table(20), "chart": "paid"}],
    }
    return {
        "format": "dure-report/2",
        "period": "2026-q4",
        "edition": 1,
        "starts_at": "2026-09-30T15:00:00Z",
        "ends_at": "2026-12-31T15:00:00Z",
        "computed_at": "2027-01-05T00:00:00Z",
        "complete": True,
        "persons_threshold": 5,
        "sections": [section] * SECTIONS,
        "algorithms": [],
    }


def run(size: Size) -> list[Figure]:
    """Seconds of CPU for one PDF, and its pages."""
    document = _document(CALLS[size])
    made, took = b"", []
    for language in ("ko", "en", "ko"):
        start = time.process_time()
        again = report_pdf(document, sha256="0" * 64, language=language)
        took.append(time.process_time() - start)
        if language == "ko":
            assert made in (b"", again), "the same report is the same file"
            made = again
    pages = len(PdfReader(io.BytesIO(made)).pages)
    return [
        Figure("pages of the report", pages, "pages"),
        Figure("report PDF, CPU time of the slowest of three", max(took), "s", goal="5 s"),
        Figure("report PDF, size", len(made) / 1024, "KB"),
    ]
