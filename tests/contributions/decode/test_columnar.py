from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from contributions.decode import Limits
from tests.contributions.decode.test_delimited import read, refusal


def parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def test_typed_cells_become_exact_text() -> None:
    table = pa.table(
        {
            "whole": pa.array([1.0, 1e15, None]),
            "part": pa.array([0.1, -2.5, 1e-7]),
            "big": pa.array([2**62, -1, 0], pa.int64()),
            "exact": pa.array([Decimal("1.50"), Decimal("10.00"), None]),
            "flag": pa.array([True, False, None]),
            "day": pa.array([dt.date(2025, 2, 3), None, None]),
            "moment": pa.array(
                [dt.datetime(2025, 2, 3, 4, 5, tzinfo=dt.UTC), None, None], pa.timestamp("us")
            ),
            "text": pa.array(["00123", "", None]),
        }
    )
    decoded = read(parquet(table), "x.parquet")
    assert decoded.format == "parquet"
    assert decoded.encoding == "binary"
    columns = {name: decoded.table.column(name).to_pylist() for name in table.column_names}
    assert columns == {
        "whole": ["1", "1000000000000000", None],
        "part": ["0.1", "-2.5", "1e-7"],
        "big": ["4611686018427387904", "-1", "0"],
        "exact": ["1.5", "10", None],
        "flag": ["true", "false", None],
        "day": ["2025-02-03", None, None],
        "moment": ["2025-02-03T04:05:00", None, None],
        "text": ["00123", None, None],
    }


def test_a_dictionary_bomb_is_measured_before_it_is_unpacked() -> None:
    bomb = parquet(pa.table({"a": pa.array(["x" * 1_000_000] * 3000).dictionary_encode()}))
    assert len(bomb) < 3_000_000
    assert refusal(bomb, limits=Limits(text_bytes_max=100_000_000)) == "file.too_large"


def test_rows_are_capped_and_nested_columns_refused() -> None:
    rows = parquet(pa.table({"a": pa.array(range(11))}))
    assert refusal(rows, limits=Limits(rows_max=10)) == "file.too_many_rows"
    assert refusal(parquet(pa.table({"a": [[1]]}))) == "file.nested_value"
    assert refusal(parquet(pa.table({"a": pa.array([], pa.string())}))) == "file.no_rows"


@pytest.mark.parametrize("cut", [0.3, 0.9, 0.999])
def test_a_truncated_file_is_no_table(cut: float) -> None:
    data = parquet(pa.table({"a": list(range(1000))}))
    assert refusal(data[: int(len(data) * cut)], "x.parquet") == "file.not_a_table"
