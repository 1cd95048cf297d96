"""CSV and TSV. Two parsers with one behaviour: Arrow's when the text has no quotation mark (then
there is nothing to disagree about), the standard library's in strict mode when it has one.

Known of Arrow's parser and avoided here: it guesses types, pads nothing but may swallow an unclosed
quotation with everything behind it, and names rows only when it runs on one thread.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.csv as arrow_csv

from contributions.decode.header import check_cells, clean_names, drop_nameless
from contributions.decode.result import Limits, Undecodable
from contributions.decode.sniff import delimiter_of
from contributions.row_problem import RowProblem

BATCH_ROWS = 65_536
BLOCK_BYTES = 4 * 1024 * 1024


def read_delimited(
    text: bytes, *, filename: str, limits: Limits, first_rows: int | None = None
) -> tuple[pa.Table, list[RowProblem], str]:
    """`text` in UTF-8 → (well-formed rows, malformed rows, delimiter). `first_rows` stops early."""
    delimiter = delimiter_of(text[:65_536].decode("utf-8", errors="ignore"), filename)
    if b'"' in text or first_rows is not None:
        table, ragged = _read_quoted(text, delimiter, limits, first_rows)
    else:
        table, ragged = _read_plain(text, delimiter, limits)
    check_cells(table, limits)
    return table, ragged, delimiter


def _read_plain(text: bytes, delimiter: str, limits: Limits) -> tuple[pa.Table, list[RowProblem]]:
    start, end = _header_span(text)
    header = text[start:end].decode("utf-8").split(delimiter)
    names = clean_names(header, limits)
    if max(text.count(b"\n", end), text.count(b"\r", end)) > limits.rows_max + 1:
        raise Undecodable("file.too_many_rows", limit=limits.rows_max)
    body = memoryview(text)[end:]
    if not text[end : end + 4096].strip(b"\r\n") and not bytes(body).strip(b"\r\n"):
        raise Undecodable("file.no_rows")
    ragged: list[RowProblem] = []

    def set_aside(row: arrow_csv.InvalidRow) -> str:
        ragged.append(_ragged(row.number, row.expected_columns, row.actual_columns))
        return "skip"

    columns = [f"c{position}" for position in range(len(names))]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(pa.py_buffer(body)),
            read_options=arrow_csv.ReadOptions(
                use_threads=False, block_size=BLOCK_BYTES, column_names=columns
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter, quote_char=False, invalid_row_handler=set_aside
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid as error:
        if "straddling" in str(error):
            raise Undecodable("file.cell_too_large", limit=limits.cell_bytes_max) from None
        raise Undecodable("file.not_a_table", kind="text") from None
    _refuse_title_line(names, table.num_rows, ragged)
    return drop_nameless(table, names), ragged


def _header_span(text: bytes) -> tuple[int, int]:
    """Where the first line that is not blank starts, and where it ends (before its newline)."""
    start = 0
    while start < len(text) and text[start : start + 1] in (b"\n", b"\r"):
        start += 1
    ends = [at for at in (text.find(b"\n", start), text.find(b"\r", start)) if at >= 0]
    return start, min(ends, default=len(text))


def _read_quoted(
    text: bytes, delimiter: str, limits: Limits, first_rows: int | None
) -> tuple[pa.Table, list[RowProblem]]:
    csv.field_size_limit(limits.cell_bytes_max)
    stream = io.TextIOWrapper(io.BytesIO(text), encoding="utf-8", newline="")
    reader = csv.reader(stream, delimiter=delimiter, strict=True)
    records = _records(reader, limits)
    header = next(records, None)
    if header is None:
        raise Undecodable("file.empty")
    names = clean_names(header, limits)
    width = len(names)
    ragged: list[RowProblem] = []
    batches: list[pa.Table] = []
    pending: list[list[str]] = []
    rows = 0
    for record in records:
        rows += 1
        if rows > limits.rows_max:
            raise Undecodable("file.too_many_rows", limit=limits.rows_max)
        if len(record) == width:
            pending.append(record)
            if len(pending) == BATCH_ROWS:
                batches.append(_as_table(pending, width))
                pending = []
        else:
            ragged.append(_ragged(rows, width, len(record)))
        if rows == first_rows:
            break
    batches.append(_as_table(pending, width))
    if not rows:
        raise Undecodable("file.no_rows")
    table = pa.concat_tables(batches)
    _refuse_title_line(names, table.num_rows, ragged)
    return drop_nameless(table, names), ragged


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


def _as_table(records: list[list[str]], width: int) -> pa.Table:
    columns = zip(*records, strict=True) if records else ([] for _ in range(width))
    arrays = [pa.array([cell or None for cell in column], pa.string()) for column in columns]
    return pa.table(arrays, names=[f"c{position}" for position in range(width)])


def _ragged(row: int, expected: int, found: int) -> RowProblem:
    rule = "row.too_short" if found < expected else "row.too_long"
    return RowProblem(row=row, rule=rule, params={"expected": expected, "found": found})


def _refuse_title_line(names: list[str], good_rows: int, ragged: list[RowProblem]) -> None:
    """Korean reports like to put a title above the header: then almost every row is 'too long'."""
    if len(ragged) > good_rows and sum(1 for name in names if name) <= 1:
        raise Undecodable("file.title_line")
