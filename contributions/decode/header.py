"""Column names: cleaned the same way whatever the format, and refused when they are ambiguous."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from contributions.decode.result import Limits, Undecodable
from contributions.row_problem import RowProblem

CONTROLS = "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f]"
SUSPECT = np.isin(np.arange(256), [*range(9), 11, 12, *range(14, 32), 127])
#: Blanks, and the marks without width that copying from pages and spreadsheets leaves behind.
AROUND = re.compile(r"^[\s\u200b-\u200d\u2060\ufeff]+|[\s\u200b-\u200d\u2060\ufeff]+$")
NAME_BYTES_MAX = 4096
SCAN_BYTES = 4 * 1024 * 1024


def clean_names(raw: Sequence[str], limits: Limits) -> list[str]:
    """NFC and without what no reader sees around them. Names may still be empty here: see
    `drop_nameless`.
    """
    names = [AROUND.sub("", unicodedata.normalize("NFC", name)) for name in raw]
    if not any(names):
        raise Undecodable("file.not_a_table", kind="text")
    if len(names) > limits.columns_max:
        raise Undecodable("file.too_many_columns", limit=limits.columns_max)
    seen: set[str] = set()
    for position, name in enumerate(names, start=1):
        if len(name.encode("utf-8", "replace")) > NAME_BYTES_MAX:
            raise Undecodable("file.cell_too_large", limit=NAME_BYTES_MAX)
        if any(unicodedata.category(letter) == "Cc" for letter in name.replace("\n", " ")):
            raise Undecodable("file.header_control", position=position)
        if name and name in seen:
            raise Undecodable("file.header_duplicate", position=position)
        seen.add(name)
    return names


def drop_nameless(table: pa.Table, names: Sequence[str]) -> pa.Table:
    """Give `table` its names. A column without a name is dropped when it is empty throughout (a
    trailing comma on every line makes one) and refused when it holds anything.
    """
    kept = [index for index, name in enumerate(names) if name]
    for index, name in enumerate(names):
        if not name and table.column(index).null_count < table.num_rows:
            raise Undecodable("file.header_empty", position=index + 1)
    columns = [table.column(index) for index in kept]
    return pa.table(columns, names=[names[index] for index in kept])


def check_cells(table: pa.Table, limits: Limits) -> None:
    """Raise for a cell above the limit or one that holds a NUL character."""
    for column in table.columns:
        longest = pc.max(pc.binary_length(column)).as_py()
        if longest is None:
            continue
        if longest > limits.cell_bytes_max:
            raise Undecodable("file.cell_too_large", limit=limits.cell_bytes_max)


def set_controls_aside(
    table: pa.Table, aside: list[RowProblem]
) -> tuple[pa.Table, list[RowProblem]]:
    """Rows with control characters other than tabs and line ends are set aside, each alone.

    Terminals obey such characters and no measurement needs them. `aside` are the rows that were
    set aside before; the result holds both, in file order.
    """
    touched = [name for name in table.column_names if _has_controls(table.column(name))]
    if not touched:
        return table, aside
    hits = [
        pc.fill_null(pc.match_substring_regex(table.column(n), CONTROLS), False) for n in touched
    ]
    bad = np.column_stack([hit.to_numpy() for hit in hits])
    taken = np.fromiter((problem.row for problem in aside), np.int64, len(aside))
    numbers = np.delete(np.arange(1, table.num_rows + len(aside) + 1, dtype=np.int64), taken - 1)
    found = [
        RowProblem(row=int(numbers[at]), rule="row.control", column=touched[int(bad[at].argmax())])
        for at in np.flatnonzero(bad.any(axis=1))
    ]
    kept = table.filter(pa.array(~bad.any(axis=1)))
    return kept, sorted([*aside, *found], key=lambda problem: problem.row)


def _has_controls(column: pa.ChunkedArray) -> bool:
    """A quick look at the bytes themselves; may say yes for bytes that belong to no cell."""
    for chunk in column.chunks:
        cells = chunk.buffers()[2]
        if cells is None:
            continue
        for start in range(0, cells.size, SCAN_BYTES):
            piece = np.frombuffer(cells, np.uint8, min(SCAN_BYTES, cells.size - start), start)
            if SUSPECT[piece].any():
                return True
    return False
