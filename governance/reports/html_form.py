"""A report as one page that needs nothing else, for whoever keeps the package.

It is made of what print is made of, so that both hold the same texts.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.template import Context, Engine
from django.utils import translation

from governance.reports.charts import trends
from governance.reports.drawing import trend_svg
from governance.reports.pdf_form import printed

if TYPE_CHECKING:
    from governance.reports.compute import ReportDocument

_TEMPLATE: Final = Engine(autoescape=True).from_string(
    (Path(__file__).parent / "report.html").read_text(encoding="utf-8")
)
Document = dict[str, Any]  # Any: a template's context


def report_html(
    document: ReportDocument,
    *,
    sha256: str,
    language: str,
    previous: ReportDocument | None = None,
) -> bytes:
    """The page of a report in "ko" or "en" as UTF-8; it loads and runs nothing."""
    with translation.override(language):
        data = printed(document, sha256, language, previous)
        for section, shown in zip(document["sections"], data["sections"], strict=True):
            for table, made in zip(section["tables"], shown["tables"], strict=True):
                made["drawings"] = [
                    {"title": trend.title, "svg": trend_svg(trend)}
                    for trend in trends(table, language)
                ]
                made["cells"] = _cells(made)
        return _TEMPLATE.render(Context({"data": data})).encode()


def _cells(table: Document) -> Document:
    columns = list(zip(table["heads"], table["numbers"], table["digests"], strict=True))
    return {
        "heads": [{"text": head, "is_number": number} for head, number, _digest in columns],
        "rows": [
            [
                {"text": text, "is_number": number, "is_digest": digest}
                for text, (_head, number, digest) in zip(row, columns, strict=True)
            ]
            for row in table["rows"]
        ],
    }
