"""NDJSON, JSON arrays of flat records and GeoJSON. Numbers keep the exact text that was sent."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Literal

import pyarrow as pa

from contributions.decode.geojson import (
    COLLECTION,
    FEATURES,
    TOPOJSON,
    BadGeometry,
    flatten,
    is_feature,
)
from contributions.decode.header import check_cells, clean_names, drop_nameless
from contributions.decode.result import Limits, Undecodable
from contributions.row_problem import RowProblem

BATCH_ROWS = 65_536


class _DuplicateKey(ValueError):
    """An object that names one key twice: JSON parsers would silently keep the last."""


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise _DuplicateKey
    return record


def _not_a_number(_text: str) -> object:
    raise ValueError("NaN and Infinity are not JSON")


DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=str, parse_float=str, parse_constant=_not_a_number
)
UNREADABLE = object()
BLANKS = re.compile(r"[ \t\r\n]*")


def looks_like_records(text: bytes) -> Literal["json", "geojson", "ndjson"] | None:
    """ "json" for an array, "geojson" for a collection of features, "ndjson" for a line that is an
    object, None for anything else. Raises `file.not_a_table` for TopoJSON.
    """
    head = text[:65_536].lstrip()
    if head.startswith(b"["):
        return "json" if head[1:].lstrip()[:1] in (b"{", b"[", b"]") else None
    if not head.startswith(b"{") or head[1:].lstrip()[:1] not in (b'"', b"}"):
        return None
    if TOPOJSON.search(head):
        raise Undecodable("file.not_a_table", kind="TopoJSON")
    return "geojson" if COLLECTION.search(head) else "ndjson"


def read_ndjson(
    text: bytes, *, limits: Limits, first_rows: int | None = None
) -> tuple[pa.Table, list[RowProblem]]:
    """One record a line. Other lines are set aside; a torn last line refuses the file."""
    return _build(_lines(text), limits, first_rows)


def read_json(
    text: bytes, *, limits: Limits, first_rows: int | None = None
) -> tuple[pa.Table, list[RowProblem]]:
    """One array of records. With `first_rows` the text may end anywhere after them."""
    return _read_array(text, re.compile(r"\s*\["), list, limits, first_rows)


def read_geojson(
    text: bytes, *, limits: Limits, first_rows: int | None = None
) -> tuple[pa.Table, list[RowProblem]]:
    """One collection of features; see `geojson.flatten` for their columns."""
    return _read_array(text, FEATURES, dict, limits, first_rows)


def _read_array(
    text: bytes, opening: re.Pattern[str], outer: type, limits: Limits, first_rows: int | None
) -> tuple[pa.Table, list[RowProblem]]:
    """The elements of the array behind `opening`, one at a time: a document is never held whole."""
    document = text.decode("utf-8", errors="strict" if first_rows is None else "ignore")
    kind = "GeoJSON" if outer is dict else "JSON"
    start = opening.search(document) if outer is dict else opening.match(document)
    if start is None:
        raise Undecodable("file.not_a_table", kind=kind)
    if first_rows is not None:
        return _build(_beginning(document, start.end()), limits, first_rows)
    return _build(_elements(document, start.end(), kind, outer), limits, None)


def _elements(document: str, position: int, kind: str, outer: type) -> Iterator[object]:
    """Every element, strictly; behind the last one also the rest of the document is examined."""
    start, more = position, False
    try:
        while True:
            position = _behind_blanks(document, position)
            if document[position : position + 1] == "]" and not more:
                break
            element, position = DECODER.raw_decode(document, position)
            yield element
            position = _behind_blanks(document, position)
            more = document[position : position + 1] == ","
            if more:
                position += 1
            elif document[position : position + 1] != "]":
                raise json.JSONDecodeError("no separator", document, position)
        rest = DECODER.decode(document[:start] + document[position:])
    except _DuplicateKey:
        raise Undecodable("file.key_duplicate") from None
    except (ValueError, RecursionError) as error:
        ended = isinstance(error, json.JSONDecodeError) and error.pos >= len(error.doc.rstrip())
        if ended:
            raise Undecodable("file.truncated", encoding="json") from None
        raise Undecodable("file.not_a_table", kind=kind) from None
    if not isinstance(rest, outer) or (
        isinstance(rest, dict)
        and (rest.get("type") != "FeatureCollection" or rest.get("features") != [])
    ):
        raise Undecodable("file.not_a_table", kind=kind)


def _behind_blanks(document: str, position: int) -> int:
    found = BLANKS.match(document, position)
    return position if found is None else found.end()


def _lines(text: bytes) -> Iterator[object]:
    torn_at = len(text) if text.endswith((b"\n", b"\r")) else text.rfind(b"\n") + 1
    position = 0
    for line in text.split(b"\n"):
        start, position = position, position + len(line) + 1
        if not line.strip():
            continue
        try:
            yield DECODER.decode(line.decode("utf-8"))
        except _DuplicateKey:
            raise Undecodable("file.key_duplicate") from None
        except (ValueError, RecursionError):
            if start == torn_at and start > 0:
                raise Undecodable("file.truncated", encoding="json") from None
            yield UNREADABLE


def _beginning(text: str, position: int) -> Iterator[object]:
    """The elements of an array that may be cut anywhere."""
    while True:
        while position < len(text) and text[position] in " \t\r\n,":
            position += 1
        try:
            element, position = DECODER.raw_decode(text, position)
        except (ValueError, RecursionError):
            return
        yield element


def _build(
    records: Iterable[object], limits: Limits, first_rows: int | None
) -> tuple[pa.Table, list[RowProblem]]:
    """Collect flat records into string columns; keys missing from a record are null."""
    columns: dict[str, list[str | None]] = {}
    batches: list[pa.Table] = []
    aside: list[RowProblem] = []
    rows = filled = 0
    for record in records:
        rows += 1
        if rows > limits.rows_max:
            raise Undecodable("file.too_many_rows", limit=limits.rows_max)
        if not isinstance(record, dict):
            rule = "row.not_json" if record is UNREADABLE else "row.not_a_record"
            aside.append(RowProblem(row=rows, rule=rule))
        else:
            if is_feature(record):
                try:
                    record = flatten(record)
                except BadGeometry:
                    aside.append(RowProblem(row=rows, rule="row.geometry"))
                    continue
            _add(record, columns, filled, rows, limits)
            filled += 1
            if filled == BATCH_ROWS:
                batches.append(_flush(columns))
                filled = 0
        if first_rows is not None and rows >= first_rows:
            break
    if not rows:
        raise Undecodable("file.no_rows")
    if len(aside) == rows or not columns:
        raise Undecodable("file.not_a_table", kind="JSON")
    batches.append(_flush(columns))
    table = pa.concat_tables(batches, promote_options="default")
    names = clean_names(table.column_names, limits)
    check_cells(table, limits)
    return drop_nameless(table, names), aside


def _add(
    record: dict[str, object],
    columns: dict[str, list[str | None]],
    filled: int,
    row: int,
    limits: Limits,
) -> None:
    for key, value in record.items():
        column = columns.get(key)
        if column is None:
            if len(columns) >= limits.columns_max:
                raise Undecodable("file.too_many_columns", limit=limits.columns_max)
            column = columns[key] = [None] * filled
        elif len(column) < filled:
            column.extend([None] * (filled - len(column)))
        if isinstance(value, str):
            column.append(value or None)
        elif value is None:
            column.append(None)
        elif isinstance(value, bool):
            column.append("true" if value else "false")
        else:
            raise Undecodable("file.nested_value", row=row)


def _flush(columns: dict[str, list[str | None]]) -> pa.Table:
    length = max((len(column) for column in columns.values()), default=0)
    arrays = {}
    for key, column in columns.items():
        column.extend([None] * (length - len(column)))
        try:
            arrays[key] = pa.array(column, pa.string())
        except UnicodeEncodeError:  # a lone surrogate, possible only through a \u escape
            raise Undecodable("file.surrogate") from None
        if any(cell is not None and "\x00" in cell for cell in column):
            raise Undecodable("file.nul", line=0)
        column.clear()
    return pa.table(arrays)
