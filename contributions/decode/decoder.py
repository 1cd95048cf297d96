"""The one way in: bytes of any supported format become a `Decoded` table, or are refused.

What is read here is bounded in bytes, rows, columns and cells. What cannot be bounded from inside
(the memory of a parser, a hang, a crash) is left to the process: see `apart`.
"""

from __future__ import annotations

from typing import BinaryIO, Literal

import pyarrow as pa

from contributions.decode.apart import peek_apart
from contributions.decode.archive import is_spreadsheet, only_member, opened, other_office_format
from contributions.decode.columnar import read_parquet
from contributions.decode.delimited import read_delimited
from contributions.decode.header import set_controls_aside
from contributions.decode.records import (
    looks_like_records,
    read_geojson,
    read_json,
    read_ndjson,
)
from contributions.decode.result import DEFAULT, Decoded, Encoding, Format, Limits, Undecodable
from contributions.decode.sheets import clean_copy, read_xls, read_xlsx
from contributions.decode.sniff import (
    OLE,
    PARQUET,
    ZIP,
    is_binary,
    is_noise,
    refuse_foreign_formats,
    to_utf8,
)
from contributions.row_problem import RowProblem

PEEK_BYTES = 256 * 1024
PEEK_ROWS = 100
Records = Literal["json", "geojson", "ndjson"]


def decode(
    stream: BinaryIO, *, filename: str, content_type: str, limits: Limits = DEFAULT
) -> Decoded:
    """Read the whole stream. Raises `Undecodable` with a rule; never guesses, pads or replaces.

    Empty cells are null in every format. `filename` and `content_type` only break ties.
    """
    data = stream.read(limits.bytes_max + 1)
    if len(data) > limits.bytes_max:
        raise Undecodable("file.too_large", limit=limits.bytes_max)
    return decode_bytes(
        data, filename=filename, content_type=content_type, limits=limits, rows=None
    )


def peek(data: bytes, *, filename: str, content_type: str) -> Decoded:
    """The header and the first 100 rows, from the first 256 KB: a quick look before the upload.

    `data` may be the beginning of a longer file. Parquet and ZIP, and with it XLSX, keep their
    directory at the end, so a partial one is refused with `file.not_previewable`; a whole one is
    read in a process of its own under tight limits.
    """
    if is_binary(data):
        whole = data.endswith(b"PAR1") if data.startswith(PARQUET) else data.startswith(OLE)
        if not whole and (data.startswith(PARQUET) or b"PK\x05\x06" not in data[-65_557:]):
            raise Undecodable("file.not_previewable")
        return peek_apart(data, filename=filename, content_type=content_type, rows=PEEK_ROWS)
    head = _whole_lines(data[:PEEK_BYTES]) if len(data) >= PEEK_BYTES else data
    return decode_bytes(
        head, filename=filename, content_type=content_type, limits=DEFAULT, rows=PEEK_ROWS
    )


def _whole_lines(head: bytes) -> bytes:
    """Cut behind the last line end, which is also a character's end in each supported encoding."""
    if head.startswith(b"\xff\xfe"):
        return head[: head.rfind(b"\n\x00") + 2] or head
    if head.startswith(b"\xfe\xff"):
        return head[: head.rfind(b"\x00\n") + 2] or head
    cut = head.rfind(b"\n") + 1
    return head[:cut] if cut else head


def decode_bytes(
    data: bytes, *, filename: str, content_type: str, limits: Limits, rows: int | None
) -> Decoded:
    """`decode` for bytes at hand; `rows` stops after so many."""
    try:
        return _decode(data, filename, content_type, limits, rows)
    except MemoryError:
        raise Undecodable("file.limit") from None


def _decode(
    data: bytes, filename: str, content_type: str, limits: Limits, rows: int | None
) -> Decoded:
    if not data.strip(b"\r\n\t \xef\xbb\xbf\xff\xfe"):
        raise Undecodable("file.empty")
    if data.startswith(PARQUET):
        table = read_parquet(data, limits=limits, first_rows=rows)
        return _decoded(table, [], [], "parquet")
    if data.startswith(OLE):
        return _decoded(*read_xls(data, limits=limits, first_rows=rows), form="xls")
    if data.startswith(ZIP):
        return _unpacked(data, limits, rows)
    refuse_foreign_formats(data)
    text, encoding = to_utf8(data)
    if not text.strip():
        raise Undecodable("file.empty")
    if is_noise(text):
        raise Undecodable("file.not_a_table", kind="binary")
    kind = looks_like_records(text) or _declared_records(filename, content_type)
    if kind is not None:
        read = {"json": read_json, "geojson": read_geojson, "ndjson": read_ndjson}[kind]
        table, aside = read(text, limits=limits, first_rows=rows)
        return _decoded(table, aside, [], kind, encoding)
    table, aside, notices, delimiter = read_delimited(
        text, filename=filename, limits=limits, first_rows=rows
    )
    form: Format = "tsv" if delimiter == "\t" else "csv"
    return _decoded(table, aside, notices, form, encoding)


def _unpacked(data: bytes, limits: Limits, rows: int | None) -> Decoded:
    """A workbook, or an archive of one file of any other supported format."""
    with opened(data, "ZIP") as archive:
        if is_spreadsheet(archive):
            name, member = "", clean_copy(archive, limits)
        elif kind := other_office_format(archive):
            raise Undecodable("file.not_a_table", kind=kind)
        else:
            name, member = only_member(archive, limits=limits)
    if not name:
        return _decoded(*read_xlsx(member, limits=limits, first_rows=rows), form="xlsx")
    if member.startswith(ZIP):
        # One envelope is a courtesy, more are a way to hide; a workbook is an archive by itself.
        with opened(member, "ZIP") as archive:
            if not is_spreadsheet(archive):
                raise Undecodable("file.archive_nested")
    return _decode(member, name, "", limits, rows)


def _declared_records(filename: str, content_type: str) -> Records | None:
    """A file that calls itself JSON is read as JSON even when it does not begin like a record."""
    name, kind = filename.lower(), content_type.lower()
    if name.endswith((".ndjson", ".jsonl")) or "ndjson" in kind or "jsonl" in kind:
        return "ndjson"
    if name.endswith(".geojson") or "geo+json" in kind:
        return "geojson"
    if name.endswith(".json") or kind.startswith("application/json"):
        return "json"
    return None


def _decoded(
    table: pa.Table,
    aside: list[RowProblem],
    notices: list[RowProblem],
    form: Format,
    encoding: Encoding = "binary",
) -> Decoded:
    table, aside = set_controls_aside(table, aside)
    return Decoded(
        table=table,
        format=form,
        encoding=encoding,
        rows=table.num_rows + len(aside),
        null_cells=sum(column.null_count for column in table.columns),
        ragged=tuple(aside),
        notices=tuple(notices),
    )
