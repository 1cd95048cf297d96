"""The shapes of decoding: its limits, its result and its refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from contributions.row_problem import RowProblem

Format = Literal["csv", "tsv", "xlsx", "xls", "ndjson", "json", "geojson", "parquet"]
Encoding = Literal["utf-8", "utf-8-sig", "utf-16", "cp949", "binary"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one file may hold. `text_bytes_max` bounds the cells together once they are unpacked:
    a Parquet dictionary of 2 MB can stand for many gigabytes, and its metadata does not say so.

    `sheet_bytes_max` bounds the XML of a spreadsheet once inflated, `sheet_cells_max` the rectangle
    around its cells, `ratio_max` how many bytes one byte of an archive may become.
    """

    bytes_max: int = 200 * 1024 * 1024
    rows_max: int = 2_000_000
    columns_max: int = 500
    cell_bytes_max: int = 1024 * 1024
    text_bytes_max: int = 1024 * 1024 * 1024
    sheet_bytes_max: int = 128 * 1024 * 1024
    sheet_cells_max: int = 8_000_000
    ratio_max: int = 250


DEFAULT = Limits()


class Undecodable(Exception):
    """The file as a whole cannot be read. `rule` names why, `params` fill its sentence."""

    def __init__(self, rule: str, **params: str | int) -> None:
        super().__init__(rule)
        self.rule = rule
        self.params: Mapping[str, str | int] = params


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """`table`: the well-formed rows, every column a string, null where the cell is empty.

    `rows` counts every data row of the file, so `rows == table.num_rows + len(ragged)`;
    `null_cells` counts the nulls of `table`; `ragged` are the rows too short, too long or not a
    record, in file order, each set aside alone and never padded. `notices` say what was passed
    over without loss of a row (lines above the header, further sheets); their row is 0.
    """

    table: pa.Table
    format: Format
    encoding: Encoding
    rows: int
    null_cells: int
    ragged: tuple[RowProblem, ...] = ()
    notices: tuple[RowProblem, ...] = ()

    def row_numbers(self) -> npt.NDArray[np.int64]:
        """The 1-based data row in the file of each row of `table`."""
        every = np.arange(1, self.rows + 1, dtype=np.int64)
        if not self.ragged:
            return every
        aside = np.fromiter((problem.row for problem in self.ragged), np.int64, len(self.ragged))
        return np.delete(every, aside - 1)
