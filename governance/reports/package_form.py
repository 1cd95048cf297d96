"""A report's tables as CSV files of their own, and the Data Package that describes all files. Pure.

Source: Data Package 1.0 (specs.frictionlessdata.io), read by the ``frictionless`` tools.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dure.core.canonical import Json, sha256_hex
from governance.reports import csv_form
from governance.reports.csv_form import safe_cell
from governance.reports.documents import DIGEST, MASS, MOMENT, Column, SectionDocument, Table

if TYPE_CHECKING:
    from governance.reports.compute import ReportDocument

DESCRIPTOR: Final = "datapackage.json"
CSV: Final = "text/csv"
#: Spreadsheets read Korean as UTF-8 by the mark in front; tools skip it.
MARK: Final = b"\xef\xbb\xbf"
_DECIMAL = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_WITHHELD: Final = "suppressed"
Fields = list[Json]


@dataclass(frozen=True)
class PackedFile:
    """A file of a package; ``fields`` are the columns of one that is a table."""

    name: str
    media_type: str
    body: bytes
    fields: Fields | None = None

    @property
    def sha256(self) -> str:
        return sha256_hex(self.body)


def long_file(sections: list[SectionDocument]) -> PackedFile:
    """Every number of a report in one table, a line each."""
    fields: Fields = [
        {"name": name, "type": {"row": "integer", "suppressed": "boolean"}.get(name, "string")}
        for name in csv_form.HEADER
    ]
    return PackedFile("report.csv", CSV, MARK + csv_form.report_csv(sections).encode(), fields)


def table_files(sections: Sequence[SectionDocument]) -> Iterator[PackedFile]:
    """Each table that has rows as ``tables/SECTION.TABLE.csv``, its numbers as the report has them.

    A withheld cell is empty and named in the last column; names in two languages are two columns.
    """
    for section in sections:
        for table in section["tables"]:
            if table["rows"]:
                name = f"tables/{section['key']}.{table['key']}.csv"
                yield PackedFile(name, CSV, _csv(table), _fields(table))


def descriptor(
    document: ReportDocument, files: Sequence[PackedFile], *, organisation: str
) -> dict[str, Json]:
    """The ``datapackage.json`` of an edition: what each file is, how long, and its hash."""
    period, edition = document["period"], document["edition"]
    return {
        "profile": "data-package",
        "name": f"dure-report-{period}",
        "version": f"{edition}.0.0",
        "title": f"Transparency report {period}, edition {edition}",
        "titles": {"ko": f"투명성 보고서 {period} 제{edition}판"},
        "created": document["computed_at"],
        "contributors": [{"title": organisation, "role": "publisher"}],
        "resources": [_resource(each) for each in files],
    }


def _resource(file: PackedFile) -> Json:
    described: dict[str, Json] = {
        "name": re.sub(r"[^a-z0-9._-]+", "-", file.name.lower()),
        "path": file.name,
        "mediatype": file.media_type,
        "bytes": len(file.body),
        "hash": f"sha256:{file.sha256}",
    }
    if file.fields is None:
        # Said, since readers guess by the name: theirs of "report.json" is a report of their own.
        return described | {"type": "file"}
    return described | {
        "type": "table",
        "profile": "tabular-data-resource",
        "format": "csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n"},
        "schema": {"fields": file.fields, "missingValues": [""]},
    }


def _csv(table: Table) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([name for column in table["columns"] for name in _names(table, column)]
                    + [_WITHHELD])  # fmt: skip
    for row in table["rows"]:
        hidden = row.get("suppressed")
        cells: list[object] = []
        for column in table["columns"]:
            value = row.get(column["key"])
            cells += (
                [value.get(language) for language in ("ko", "en")]
                if isinstance(value, Mapping)
                else [value]
            )
        cells.append(" ".join(hidden) if isinstance(hidden, list) else "")
        writer.writerow([safe_cell(cell) for cell in cells])
    return MARK + out.getvalue().encode()


def _fields(table: Table) -> Fields:
    fields: Fields = []
    for column in table["columns"]:
        kind = _type(table, column)
        for name in _names(table, column):
            field: dict[str, Json] = {"name": name, "type": kind, "title": column["label"]["en"]}
            if column.get("unit") == MASS:
                field["description"] = "In thousandths"
            fields.append(field)
    fields.append({"name": _WITHHELD, "type": "string", "title": "Columns withheld in this row"})
    return fields


def _names(table: Table, column: Column) -> list[str]:
    key = column["key"]
    if any(isinstance(row.get(key), Mapping) for row in table["rows"]):
        return [f"{key}_ko", f"{key}_en"]
    return [key]


def _type(table: Table, column: Column) -> str:
    """What every value of a column is: whole numbers, decimal numbers, or else text."""
    if column.get("unit") in (DIGEST, MOMENT) or column["key"] in table.get("words", {}):
        return "string"
    values = [row.get(column["key"]) for row in table["rows"]]
    values = [value for value in values if value is not None and value != ""]
    if values and all(isinstance(value, int) for value in values):
        return "integer"
    if values and all(
        isinstance(value, str | int) and _DECIMAL.fullmatch(str(value)) for value in values
    ):
        return "number"
    return "string"
