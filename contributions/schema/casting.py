"""A table of strings becomes a typed frame plus what is wrong with it, row by row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from contributions.parts import Told, untold
from contributions.row_problem import RowProblem
from contributions.schema.constraints import breaches
from contributions.schema.document import Field, constraints_of, fields_of, missing_values
from contributions.schema.parsing import Mask, parse, present

if TYPE_CHECKING:
    import pandas as pd

# A file of a million bad rows is told by its first cases and its counts.
PROBLEMS_PER_RULE = 10_000


@dataclass
class Typed:
    """`frame`: one typed column per field, indexed by 1-based data row (index name "row");
    `bad_rows`: by position, the rows with at least one problem; `problems`: sorted by row, at most
    `PROBLEMS_PER_RULE` for one rule of one column, all of them counted in `counts`.
    """

    frame: pd.DataFrame
    row_numbers: npt.NDArray[np.int64]
    problems: list[RowProblem]
    bad_rows: Mask
    counts: dict[tuple[str, str], int] = field(default_factory=dict)


@dataclass
class Faults:
    """What is wrong with a table, without its frame; fields as in `Typed`."""

    row_numbers: npt.NDArray[np.int64]
    problems: list[RowProblem]
    bad_rows: Mask
    counts: dict[tuple[str, str], int] = field(default_factory=dict)


#: Name, values and validity of every column, by position of the schema.
Columns = list[tuple[str, npt.NDArray[Any], Mask]]  # Any: any dtype


def cast(
    table: pa.Table,
    schema: Mapping[str, object],
    *,
    row_numbers: npt.NDArray[np.int64] | None = None,
    told: Told = untold,
) -> Typed:
    """Type every column of `table` (as `match_columns` returns it) by its field.

    Texts are compared in NFC without blanks around them. A whole-number column with missing values
    is float64 in the frame (exact up to 2**53) or Int64 beyond; dates are datetime64[ns]. Bad
    cells are missing in the frame. `row_numbers` are the file's rows (default 1, 2, 3 …); `told`
    hears of each column that was read.
    """
    import pandas as pd

    faults, columns = _read(table, schema, row_numbers, told)
    index = pd.Index(faults.row_numbers, name="row")
    frame = pd.DataFrame(
        {name: _series(values, valid, index) for name, values, valid in columns}, index=index
    )
    return Typed(frame, faults.row_numbers, faults.problems, faults.bad_rows, faults.counts)


def find_faults(
    table: pa.Table,
    schema: Mapping[str, object],
    *,
    row_numbers: npt.NDArray[np.int64] | None = None,
) -> Faults:
    """The problems that `cast` would find; of few rows without pandas, as a web process needs."""
    return _read(table, schema, row_numbers, untold)[0]


def trimmed_columns(table: pa.Table, schema: Mapping[str, object]) -> pa.Table:
    """The texts that `cast` reads: NFC without blanks around them, null where missing."""
    marks = pa.array(sorted({mark.strip() for mark in missing_values(schema)}), pa.string())
    names = [str(descriptor["name"]) for descriptor in fields_of(schema)]
    return pa.table({name: _trimmed(table.column(name), marks) for name in names})


def _read(
    table: pa.Table,
    schema: Mapping[str, object],
    row_numbers: npt.NDArray[np.int64] | None,
    told: Told,
) -> tuple[Faults, Columns]:
    numbers = np.arange(1, table.num_rows + 1) if row_numbers is None else row_numbers
    faults = Faults(numbers, [], np.zeros(table.num_rows, np.bool_))
    marks = pa.array(sorted({mark.strip() for mark in missing_values(schema)}), pa.string())
    columns: Columns = []
    for descriptor in fields_of(schema):
        name = str(descriptor["name"])
        text = _trimmed(table.column(name), marks)
        parsed = parse(text, descriptor)
        there = present(text)
        if constraints_of(descriptor).get("required") is True:
            _note(faults, name, "cell.required", ~there, {})
        valid = there.copy()
        for rule, rows in parsed.broken.items():
            valid &= ~rows
            _note(faults, name, rule, rows, _expectation(descriptor))
        for breach in breaches(text, parsed.values, valid, descriptor):
            _note(faults, name, breach.rule, breach.rows, breach.params)
        columns.append((name, parsed.values, valid))
        told(len(columns), table.num_columns)
    faults.problems.sort(key=lambda problem: problem.row)
    return faults, columns


def _trimmed(column: pa.ChunkedArray, marks: pa.Array) -> pa.Array:
    text = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    text = pc.utf8_trim_whitespace(pc.utf8_normalize(text, form="NFC"))
    return pc.if_else(pc.is_in(text, value_set=marks), pa.scalar(None, pa.string()), text)


def _expectation(descriptor: Field) -> dict[str, str | int]:
    form = str(descriptor.get("format", "default"))
    defaults = {
        "date": "YYYY-MM-DD",
        "datetime": "YYYY-MM-DDThh:mm:ss",
        "time": "hh:mm:ss",
        "yearmonth": "YYYY-MM",
    }
    shown = defaults.get(str(descriptor.get("type")), "") if form in ("default", "any") else form
    return {"expected": shown} if shown else {}


def _note(
    faults: Faults, column: str, rule: str, rows: Mask, params: Mapping[str, str | int]
) -> None:
    places = np.nonzero(rows)[0]
    if not len(places):
        return
    faults.bad_rows |= rows
    faults.counts[rule, column] = len(places)
    faults.problems.extend(
        RowProblem(row=int(row), rule=rule, column=column, params=params)
        for row in faults.row_numbers[places[:PROBLEMS_PER_RULE]]
    )


def _series(values: npt.NDArray[Any], valid: Mask, index: pd.Index) -> pd.Series:  # Any: any dtype
    import pandas as pd

    if values.dtype == object:
        texts = values.copy()
        texts[~valid] = None
        return pd.Series(pd.array(texts, dtype="str"), index=index)
    if valid.all():
        return pd.Series(values, index=index)
    if values.dtype.kind == "M":
        return pd.Series(np.where(valid, values, np.datetime64("NaT", "ns")), index=index)
    if values.dtype == np.bool_:
        flags = values.astype(object)
        flags[~valid] = None
        return pd.Series(flags, index=index)
    if values.dtype.kind == "i" and bool((np.abs(values[valid]) > 2**53).any()):
        return pd.Series(pd.arrays.IntegerArray(values.copy(), ~valid), index=index)
    return pd.Series(np.where(valid, values.astype(np.float64), np.nan), index=index)
