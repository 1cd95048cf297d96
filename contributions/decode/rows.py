"""Records of cells, whatever they were read from, become one table of strings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, islice

import pyarrow as pa

from contributions.decode.header import clean_names, drop_nameless
from contributions.decode.layout import SAMPLE_RECORDS, find_layout
from contributions.decode.result import Limits, Undecodable
from contributions.row_problem import RowProblem

BATCH_ROWS = 65_536
Tabulated = tuple[pa.Table, list[RowProblem], list[RowProblem]]


def tabulate(
    records: Iterable[Sequence[str]], limits: Limits, first_rows: int | None = None
) -> Tabulated:
    """Records with their header somewhere at the top → (rows, rows set aside, notices)."""
    source = iter(records)
    sample = list(islice(source, SAMPLE_RECORDS))
    if not sample:
        raise Undecodable("file.empty")
    layout = find_layout(sample)
    names = clean_names(layout.header, limits)
    width = len(names)
    ragged: list[RowProblem] = []
    batches: list[pa.Table] = []
    pending: list[Sequence[str]] = []
    rows = 0
    for record in chain(sample[layout.skipped + 1 :], source):
        rows += 1
        if rows > limits.rows_max:
            raise Undecodable("file.too_many_rows", limit=limits.rows_max)
        if rows == 1 and layout.second_header:
            ragged.append(second_header())
        elif len(record) == width:
            pending.append(record)
            if len(pending) == BATCH_ROWS:
                batches.append(_as_table(pending, width))
                pending = []
        else:
            ragged.append(ragged_row(rows, width, len(record)))
        if rows == first_rows:
            break
    batches.append(_as_table(pending, width))
    if not rows:
        raise Undecodable("file.no_rows")
    table = drop_nameless(pa.concat_tables(batches), names)
    return table, ragged, preamble(layout.skipped)


def ragged_row(row: int, expected: int, found: int) -> RowProblem:
    """A row with too few or too many cells."""
    rule = "row.too_short" if found < expected else "row.too_long"
    return RowProblem(row=row, rule=rule, params={"expected": expected, "found": found})


def second_header() -> RowProblem:
    """The row below the header that holds units or other names instead of data."""
    return RowProblem(row=1, rule="row.second_header")


def preamble(lines: int) -> list[RowProblem]:
    """The notice about lines above the header; none where there were none."""
    if not lines:
        return []
    return [RowProblem(row=0, rule="file.preamble", params={"lines": lines})]


def _as_table(records: list[Sequence[str]], width: int) -> pa.Table:
    columns = zip(*records, strict=True) if records else ([] for _ in range(width))
    arrays = []
    for column in columns:
        try:
            arrays.append(pa.array([cell or None for cell in column], pa.string()))
        except UnicodeEncodeError:  # half of a character, possible only in a spreadsheet
            raise Undecodable("file.surrogate") from None
    return pa.table(arrays, names=[f"c{position}" for position in range(width)])
