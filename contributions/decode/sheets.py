"""XLSX and XLS: the first sheet that holds anything, every cell as the text of its stored value.

Formulas are never evaluated: a formula cell is the value its author's program stored with it, and a
text that begins like a formula is text. Errors (#N/A) are no value, so they are null. The parser
never sees the sender's archive: it gets a copy of the parts it needs, inflated under our limits.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator

from contributions.decode.archive import inflate
from contributions.decode.header import check_cells
from contributions.decode.result import Limits, Undecodable
from contributions.decode.rows import Tabulated, tabulate
from contributions.row_problem import RowProblem

SHEETS_MAX = 100
#: Parts that carry cells and their number formats; pictures, links, macros and comments do not.
PARTS = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels"
    r"|xl/(_rels/)?[^/]+\.(xml|rels)|xl/worksheets/[^/]+\.xml",
    re.IGNORECASE,
)
CELL = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{1,7})([0-9]{1,10})["']""")
Cell = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta


def read_xlsx(data: bytes, *, limits: Limits, first_rows: int | None = None) -> Tabulated:
    """A workbook that `clean_copy` made."""
    return _read(data, "XLSX", limits, first_rows)


def read_xls(data: bytes, *, limits: Limits, first_rows: int | None = None) -> Tabulated:
    """A workbook of Excel 97 to 2003. Raises for other documents in the same container."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise Undecodable("file.encrypted")
    if not any(name.encode("utf-16-le") in data for name in ("Workbook", "Book")):
        raise Undecodable("file.not_a_table", kind="HWP/DOC")
    return _read(data, "XLS", limits, first_rows)


def clean_copy(archive: zipfile.ZipFile, limits: Limits) -> bytes:
    """The needed parts in a fresh archive, after a look for entities and for distant cells."""
    sink = io.BytesIO()
    left = limits.sheet_bytes_max
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as copy:
        for info in archive.infolist():
            if not PARTS.fullmatch(info.filename):
                continue
            part = inflate(archive, info, bytes_max=left, limits=limits)
            left -= len(part)
            # A document type can define entities; no spreadsheet program writes one. In UTF-16 it
            # would pass unseen, so that is refused as well.
            if b"<!DOCTYPE" in part or b"<!ENTITY" in part or b"\x00" in part[:64]:
                raise Undecodable("file.xml_entities")
            if info.filename.lower().startswith("xl/worksheets/"):
                _check_extent(part, limits)
            copy.writestr(info.filename, part)
    return sink.getvalue()


def _check_extent(sheet: bytes, limits: Limits) -> None:
    """Two cells at opposite corners make a parser lay out everything between them."""
    columns: set[bytes] = set()
    lowest, highest = 0, 0
    for match in CELL.finditer(sheet):
        columns.add(match[1])
        row = int(match[2])
        lowest, highest = min(lowest or row, row), max(highest, row)
    if highest - lowest > limits.rows_max:
        raise Undecodable("file.too_many_rows", limit=limits.rows_max)
    width = max(map(_column_number, columns), default=0)
    if width > limits.columns_max:
        raise Undecodable("file.too_many_columns", limit=limits.columns_max)
    if width * (highest - lowest + 1) > limits.sheet_cells_max:
        raise Undecodable("file.too_many_cells", limit=limits.sheet_cells_max)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _read(data: bytes, kind: str, limits: Limits, first_rows: int | None) -> Tabulated:
    # Loaded here: text files, which are most, need no spreadsheet parser.
    import python_calamine

    try:
        book = python_calamine.load_workbook(io.BytesIO(data))
        sheets = [
            name
            for meta in book.sheets_metadata
            if (name := meta.name) and meta.visible == python_calamine.SheetVisibleEnum.Visible
        ]
        if len(sheets) > SHEETS_MAX:
            raise Undecodable("file.too_many_sheets", limit=SHEETS_MAX)
        chosen, others = None, 0
        for name in sheets:
            sheet = book.get_sheet_by_name(name)
            if sheet.start is None:
                continue
            if chosen is None:
                chosen = sheet
            else:
                others += 1
    except (Undecodable, MemoryError, KeyboardInterrupt, SystemExit):
        raise
    except python_calamine.PasswordError:
        raise Undecodable("file.encrypted") from None
    except BaseException:  # the parser's own panics are no Exception
        raise Undecodable("file.not_a_table", kind=kind) from None
    if chosen is None:
        raise Undecodable("file.empty")
    if chosen.width > limits.columns_max:
        raise Undecodable("file.too_many_columns", limit=limits.columns_max)
    table, ragged, notices = tabulate(_records(chosen.iter_rows()), limits, first_rows)
    check_cells(table, limits)
    if others:
        notices.append(RowProblem(row=0, rule="file.other_sheets", params={"sheets": others}))
    return table, ragged, notices


def _records(rows: Iterator[list[Cell]]) -> Iterator[list[str]]:
    """Rows that hold anything, as text."""
    for row in rows:
        record = [cell if type(cell) is str else as_text(cell) for cell in row]
        if any(record):
            yield record


def as_text(cell: Cell) -> str:
    """What a careful person would have written in a CSV; see `columnar.as_text`."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        # 2**53: beyond it a float no longer names one whole number, so its own notation stays.
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    if isinstance(cell, dt.datetime):
        # Moments are stored as fractions of a day; what is finer than that can name is noise.
        return _trimmed(_to_millisecond(cell).isoformat(timespec="milliseconds"))
    if isinstance(cell, dt.time):
        return _trimmed(cell.isoformat(timespec="milliseconds"))
    if isinstance(cell, dt.timedelta):
        minutes, seconds = divmod(round(cell.total_seconds()), 60)
        return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
    return str(cell)


def _to_millisecond(moment: dt.datetime) -> dt.datetime:
    return moment + dt.timedelta(microseconds=round(moment.microsecond, -3) - moment.microsecond)


def _trimmed(text: str) -> str:
    return text.removesuffix(".000")
