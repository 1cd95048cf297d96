"""The one way in: bytes of any supported format become a `Decoded` table, or are refused.

Decoding untrusted files belongs in a disposable process with limits of memory and time; this module
bounds what it can see (bytes, rows, columns, cells) and leaves the process to the caller.
"""

from __future__ import annotations

from typing import BinaryIO, cast

import pyarrow as pa

from contributions.decode.columnar import read_parquet
from contributions.decode.delimited import read_delimited
from contributions.decode.records import looks_like_records, read_json, read_ndjson
from contributions.decode.result import DEFAULT, Decoded, Encoding, Format, Limits, Undecodable
from contributions.decode.sniff import is_noise, refuse_foreign_formats, to_utf8
from contributions.row_problem import RowProblem

PEEK_BYTES = 256 * 1024
PEEK_ROWS = 100


def decode(
    stream: BinaryIO, *, filename: str, content_type: str, limits: Limits = DEFAULT
) -> Decoded:
    """Read the whole stream. Raises `Undecodable` with a rule; never guesses, pads or replaces.

    Empty cells are null in every format. `filename` and `content_type` only break ties.
    """
    data = stream.read(limits.bytes_max + 1)
    if len(data) > limits.bytes_max:
        raise Undecodable("file.too_large", limit=limits.bytes_max)
    return _decode(data, filename=filename, content_type=content_type, limits=limits, rows=None)


def peek(data: bytes, *, filename: str, content_type: str) -> Decoded:
    """The header and the first 100 rows, from the first 256 KB: a quick look before the upload.

    `data` may be the beginning of a longer file. A Parquet file keeps its header at its end, so a
    partial one is refused with `file.not_previewable`.
    """
    if data.startswith(b"PAR1") and not data.endswith(b"PAR1"):
        raise Undecodable("file.not_previewable")
    head = data
    if not data.startswith(b"PAR1") and len(data) >= PEEK_BYTES:
        head = _whole_lines(data[:PEEK_BYTES])
    return _decode(
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


def _decode(
    data: bytes, *, filename: str, content_type: str, limits: Limits, rows: int | None
) -> Decoded:
    if not data.strip(b"\r\n\t \xef\xbb\xbf\xff\xfe"):
        raise Undecodable("file.empty")
    if data.startswith(b"PAR1"):
        table = read_parquet(data, limits=limits, first_rows=rows)
        return _decoded(table, [], "parquet", "binary")
    refuse_foreign_formats(data)
    text, encoding = to_utf8(data)
    if not text.strip():
        raise Undecodable("file.empty")
    if is_noise(text):
        raise Undecodable("file.not_a_table", kind="binary")
    kind = looks_like_records(text) or _declared_records(filename, content_type)
    if kind == "json":
        table, aside = read_json(text, limits=limits, first_rows=rows)
        return _decoded(table, aside, "json", encoding)
    if kind == "ndjson":
        table, aside = read_ndjson(text, limits=limits, first_rows=rows)
        return _decoded(table, aside, "ndjson", encoding)
    table, aside, delimiter = read_delimited(
        text, filename=filename, limits=limits, first_rows=rows
    )
    return _decoded(table, aside, "tsv" if delimiter == "\t" else "csv", encoding)


def _declared_records(filename: str, content_type: str) -> str | None:
    """A file that calls itself JSON is read as JSON even when it does not begin like a record."""
    name, kind = filename.lower(), content_type.lower()
    if name.endswith((".ndjson", ".jsonl")) or "ndjson" in kind or "jsonl" in kind:
        return "ndjson"
    if name.endswith((".json", ".geojson")) or kind.startswith("application/json"):
        return "json"
    return None


def _decoded(table: pa.Table, aside: list[RowProblem], form: str, encoding: Encoding) -> Decoded:
    return Decoded(
        table=table,
        format=cast(Format, form),
        encoding=encoding,
        rows=table.num_rows + len(aside),
        null_cells=sum(column.null_count for column in table.columns),
        ragged=tuple(aside),
    )
