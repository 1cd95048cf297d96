"""A report as CSV: one line a number, the same numbers as in the JSON. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from dure.core.cells import neutralise
from governance.reports.documents import SectionDocument

HEADER = (
    "section",
    "table",
    "row",
    "key",
    "label_ko",
    "label_en",
    "value",
    "unit",
    "suppressed",
)


def report_csv(sections: list[SectionDocument]) -> str:
    """UTF-8 text with a header line; a suppressed number has an empty value and says so."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADER)
    for section in sections:
        for line in _lines(section):
            writer.writerow([safe_cell(cell) for cell in line])
    return out.getvalue()


def _lines(section: SectionDocument) -> Iterator[tuple[object, ...]]:
    for shown in section["figures"]:
        yield (
            section["key"],
            "",
            "",
            shown["key"],
            shown["label"]["ko"],
            shown["label"]["en"],
            shown["value"],
            shown["unit"],
            shown["suppressed"],
        )
    for table in section["tables"]:
        for number, row in enumerate(table["rows"], start=1):
            hidden = row.get("suppressed") or []
            for column in table["columns"]:
                value = row.get(column["key"])
                yield (
                    section["key"],
                    table["key"],
                    number,
                    column["key"],
                    column["label"]["ko"],
                    column["label"]["en"],
                    f"{value.get('ko')} / {value.get('en')}" if isinstance(value, dict) else value,
                    "",
                    isinstance(hidden, list) and column["key"] in hidden,
                )


def safe_cell(cell: object) -> object:
    """A cell that no spreadsheet runs; None is empty."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return neutralise(cell) if isinstance(cell, str) else cell
