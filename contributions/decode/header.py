"""Column names: cleaned the same way whatever the format, and refused when they are ambiguous."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from contributions.decode.result import Limits, Undecodable


def clean_names(raw: Sequence[str], limits: Limits) -> list[str]:
    """NFC and stripped. Names may still be empty here: see `drop_nameless`."""
    names = [unicodedata.normalize("NFC", name).strip().strip("\ufeff") for name in raw]
    if not any(names):
        raise Undecodable("file.not_a_table", kind="text")
    if len(names) > limits.columns_max:
        raise Undecodable("file.too_many_columns", limit=limits.columns_max)
    seen: set[str] = set()
    for position, name in enumerate(names, start=1):
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
