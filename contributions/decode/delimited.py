"""CSV and TSV. Two parsers with one behaviour: Arrow's when every quotation mark stands where the
standard has it (then there is nothing to disagree about), the standard library's in strict mode
where one does not.

Known of Arrow's parser and avoided here: it guesses types, pads nothing but may swallow an unclosed
quotation with everything behind it, and names rows only when it runs on one thread.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import pyarrow as pa
import pyarrow.csv as arrow_csv

from contributions.decode.header import check_cells, clean_names, drop_nameless
from contributions.decode.layout import SAMPLE_RECORDS, find_layout
from contributions.decode.quoting import (
    Quoting,
    Regular,
    Sprawling,
    quoting_of,
    records_of,
    regular,
)
from contributions.decode.result import Limits, Undecodable
from contributions.decode.rows import Tabulated, preamble, ragged_row, second_header, tabulate
from contributions.decode.sniff import delimiter_of
from contributions.row_problem import RowProblem

SAMPLE_BYTES = 65_536
BLOCK_BYTES = 4 * 1024 * 1024
#: Arrow reserves a whole block for every column, which a wide table multiplies beyond any limit.
WIDE_COLUMNS = 64


def read_delimited(
    text: bytes, *, filename: str, limits: Limits, first_rows: int | None = None
) -> tuple[pa.Table, list[RowProblem], list[RowProblem], str]:
    """`text` in UTF-8 → (rows, rows set aside, notices, delimiter). `first_rows` stops early."""
    head = text[:SAMPLE_BYTES].decode("utf-8", errors="ignore")
    delimiter = delimiter_of(head, filename)
    quoting = quoting_of(head, delimiter)
    wide = text.count(delimiter.encode(), 0, (text.find(b"\n") + 1) or None) > WIDE_COLUMNS
    plain = quoting == Quoting() and not wide and first_rows is None
    read = _read_regular(text, delimiter, limits) if plain else None
    if read is None:
        read = _read_either_quoting(text, delimiter, quoting, limits, first_rows)
    table, ragged, notices = read
    check_cells(table, limits)
    return table, ragged, notices, delimiter


def _read_regular(text: bytes, delimiter: str, limits: Limits) -> Tabulated | None:
    """None where only the other parser can say what stands there."""
    form = regular(text, delimiter)
    if form is None:
        return None
    try:
        return _parsed(text, form, delimiter, limits)
    except Sprawling:
        return None


def _parsed(text: bytes, form: Regular, delimiter: str, limits: Limits) -> Tabulated:
    spans = list(islice(records_of(text), SAMPLE_RECORDS))
    lines = [text[start:end].decode("utf-8") for start, end in spans]
    csv.field_size_limit(limits.cell_bytes_max)
    sample = [_cells(line, delimiter) for line in lines]
    layout = find_layout(sample)
    names = clean_names(layout.header, limits)
    end = spans[layout.skipped][1]
    below = max(
        form.line_feeds - text.count(b"\n", 0, end), form.carriages - text.count(b"\r", 0, end)
    )
    if below > limits.rows_max + 1:
        raise Undecodable("file.too_many_rows", limit=limits.rows_max)
    if len(spans) == layout.skipped + 1:
        raise Undecodable("file.no_rows")
    body = memoryview(text)[end:]
    table, ragged = _read_body(body, len(names), delimiter, form, limits)
    if layout.second_header:
        table, ragged = table.slice(1), [second_header(), *ragged]
    return drop_nameless(table, names), ragged, preamble(layout.skipped)


def _cells(record: str, delimiter: str) -> list[str]:
    if '"' not in record:
        return record.split(delimiter)
    try:
        return next(csv.reader(io.StringIO(record, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:  # of a regular text it can only say that a cell is too long
        raise Undecodable("file.cell_too_large", limit=csv.field_size_limit()) from None


def _read_body(
    body: memoryview, width: int, delimiter: str, form: Regular, limits: Limits
) -> tuple[pa.Table, list[RowProblem]]:
    ragged: list[RowProblem] = []

    def set_aside(row: arrow_csv.InvalidRow) -> str:
        ragged.append(ragged_row(row.number, row.expected_columns, row.actual_columns))
        return "skip"

    columns = [f"c{position}" for position in range(width)]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(pa.py_buffer(body)),
            read_options=arrow_csv.ReadOptions(
                use_threads=False, block_size=BLOCK_BYTES, column_names=columns
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter,
                quote_char='"' if form.quoted else False,
                newlines_in_values=form.lines_inside,
                invalid_row_handler=set_aside,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid as error:
        if "straddling" in str(error):
            if form.quoted:
                raise Sprawling from None
            raise Undecodable("file.cell_too_large", limit=limits.cell_bytes_max) from None
        raise Undecodable("file.not_a_table", kind="text") from None
    return table, ragged


def _read_either_quoting(
    text: bytes, delimiter: str, quoting: Quoting, limits: Limits, first_rows: int | None
) -> Tabulated:
    """Marks inside cells are doubled; only where that cannot be, a backslash may stand before."""
    try:
        return _read_quoted(text, delimiter, quoting, limits, first_rows)
    except Undecodable as refusal:
        escaped = b"\\" + quoting.mark.encode()
        if refusal.rule not in ("file.quoting", "file.quote_unclosed") or escaped not in text:
            raise
        try:
            quoting = replace(quoting, backslash=True)
            return _read_quoted(text, delimiter, quoting, limits, first_rows)
        except Undecodable:
            raise refusal from None


def _read_quoted(
    text: bytes, delimiter: str, quoting: Quoting, limits: Limits, first_rows: int | None
) -> Tabulated:
    csv.field_size_limit(limits.cell_bytes_max)
    stream = io.TextIOWrapper(io.BytesIO(text), encoding="utf-8", newline="")
    reader = csv.reader(
        stream,
        delimiter=delimiter,
        quotechar=quoting.mark,
        skipinitialspace=quoting.blank_ahead,
        escapechar="\\" if quoting.backslash else None,
        strict=True,
    )
    return tabulate(_records(reader, limits), limits, first_rows)


def _records(reader: Iterator[list[str]], limits: Limits) -> Iterator[list[str]]:
    """The records that are not blank lines; quoting errors become refusals with a line number."""
    good_until = 0
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "field larger" in str(error):
                raise Undecodable("file.cell_too_large", limit=limits.cell_bytes_max) from None
            rule = "file.quote_unclosed" if "unexpected end" in str(error) else "file.quoting"
            raise Undecodable(rule, line=good_until + 1) from None
        good_until = int(getattr(reader, "line_num", 0))
        if record:
            yield record
