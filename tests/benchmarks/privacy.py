"""The personal-data gate; beside the same number of cells searched by plain regular expressions."""

from __future__ import annotations

import random
import re
from typing import Any

import pyarrow as pa

from demo.generators import air_rows, trip_rows
from demo.stations import stations
from tests.benchmarks.measure import Figure, Size, stopwatch

ROWS: dict[Size, int] = {"quick": 50_000, "normal": 300_000, "full": 1_000_000}
# What somebody would write in an afternoon: two patterns, no check digits, no names.
_PLAIN = (re.compile(r"01[016-9][-. ]?\d{3,4}[-. ]?\d{4}"), re.compile(r"\d{6}-[1-8]\d{6}"))


def run(size: Size) -> list[Figure]:
    rows = ROWS[size]
    return [_gate("measurements", _air(rows)), _gate("survey answers", _trips(rows))]


def _gate(what: str, table: Any) -> Figure:  # Any: pyarrow ships no types
    from contributions.privacy import scan

    scan(table.slice(0, 1_000), pseudonym_key=bytes(32))
    with stopwatch() as gate:
        verdict = scan(table, pseudonym_key=bytes(32))
    assert not verdict.refused
    with stopwatch() as plain:
        columns = [column.to_pylist() for column in table.columns]
        for column in columns:
            for cell in column:
                if cell is not None:
                    for pattern in _PLAIN:
                        pattern.search(cell)
    rows = table.num_rows
    return Figure(
        f"privacy gate: {rows:,} {what}, {table.num_columns} columns",
        rows / gate.seconds,
        "rows/s",
        "two regular expressions, cell by cell",
        rows / plain.seconds,
        plain.seconds / gate.seconds,
        "300,000",
    )


def _air(rows: int) -> Any:  # Any: pyarrow ships no types
    names = sorted(stations())
    return _strings(air_rows(random.Random(1), names, -(-rows // len(names)))[:rows])


def _trips(rows: int) -> Any:  # Any: pyarrow ships no types
    # Days beyond the calendar would be odd dates, so that the same month is repeated.
    month = trip_rows(random.Random(1), 5_000)
    return _strings((month * -(-rows // len(month)))[:rows])


def _strings(rows: list[Any]) -> Any:  # Any: pyarrow ships no types
    names = list(rows[0])
    columns = {
        name: pa.array([None if row[name] is None else str(row[name]) for row in rows], pa.string())
        for name in names
    }
    return pa.table(columns)
