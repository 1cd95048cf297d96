"""Reading a file of each format, beside the plain library that reads it.

The same table of measurements in every format. Beside stands what a few lines with the library come
to: every cell as it is stored, without a look at encoding, layout, limits or ragged rows.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import python_calamine
import xlwt

from tests.benchmarks.measure import Figure, Size, stopwatch
from tests.contributions.decode import workbooks

#: Rows of text and of Parquet, and of workbooks, whose rows are dear to everybody.
ROWS: dict[Size, tuple[int, int]] = {
    "quick": (20_000, 5_000),
    "normal": (200_000, 50_000),
    "full": (1_000_000, 60_000),
}
HEADER = ["측정일시", "측정소명", "PM10", "비고"]
PLACES = ("종로구", "도봉구", "강남구", "노원구", "마포구")
TIMES = 3
Table = list[list[str]]


@dataclass(frozen=True)
class Case:
    """A file, and the few lines that read it without us; they return the number of rows."""

    name: str
    data: bytes
    library: str
    plainly: Callable[[bytes], int]


def run(size: Size) -> list[Figure]:
    from contributions.decode import decode, decode_apart

    many, few = ROWS[size]
    figures = []
    for case in _cases(_table(many), _table(few)):
        expected = case.plainly(case.data)

        def ours(case: Case = case, expected: int = expected) -> None:
            decoded = decode(io.BytesIO(case.data), filename=case.name, content_type="")
            assert (decoded.rows, decoded.ragged) == (expected, ())

        mine, theirs = _best(ours), _best(partial(case.plainly, case.data))
        figures.append(
            Figure(
                f"decode {case.name}: {expected:,} rows ({len(case.data) / 2**20:.1f} MB)",
                mine, "s", case.library, theirs, theirs / mine,
            )
        )  # fmt: skip
    body = _csv(_table(many))
    inside = _best(lambda: decode(io.BytesIO(body), filename="a.csv", content_type=""))
    apart = _best(lambda: decode_apart(io.BytesIO(body), filename="a.csv", content_type=""))
    figures.append(
        Figure(
            f"decode a.csv in a process of its own: {many:,} rows",
            apart, "s", "in this process", inside, inside / apart,
        )
    )  # fmt: skip
    return figures


def _best(run: Callable[[], object]) -> float:
    """Seconds of the quickest of a few runs: what is left when nothing else disturbs."""
    seconds = []
    for _time in range(TIMES):
        with stopwatch() as elapsed:
            run()
        seconds.append(elapsed.seconds)
    return min(seconds)


def _table(rows: int) -> Table:
    return [
        [
            f"{2026_01_01_00 + number // 5}",
            PLACES[number % 5],
            "" if number % 50 == 0 else f"{number * 7919 % 900}.{number % 10}",
            "센서 교체, 점검" if number % 40 == 0 else "",
        ]
        for number in range(rows)
    ]


def _csv(table: Table, delimiter: str = ",") -> bytes:
    sink = io.StringIO()
    writer = csv.writer(sink, delimiter=delimiter, lineterminator="\n")
    writer.writerows([HEADER, *table])
    return sink.getvalue().encode()


def _records(table: Table) -> list[dict[str, str]]:
    return [{name: cell for name, cell in zip(HEADER, row, strict=True) if cell} for row in table]


def _cases(table: Table, few: Table) -> list[Case]:
    text = _csv(table)
    lines = [json.dumps(each, ensure_ascii=False) for each in _records(table)]
    places = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [126.9 + at % 100 / 1000, 37.5]},
            "properties": each,
        }
        for at, each in enumerate(_records(table))
    ]
    collection = {"type": "FeatureCollection", "features": places}
    return [
        Case("a.csv", text, "pyarrow.csv, all text", _by_arrow),
        Case(
            "cp949.csv", text.decode().encode("cp949"), "pyarrow.csv told cp949",
            lambda data: _by_arrow(data, encoding="cp949"),
        ),
        Case(
            "a.tsv", _csv(table, "\t"), "pyarrow.csv told tabs",
            lambda data: _by_arrow(data, delimiter="\t"),
        ),
        Case(
            "a.ndjson", "\n".join(lines).encode(), "json, line by line",
            lambda data: len([json.loads(line) for line in data.splitlines()]),
        ),
        Case(
            "a.json", f"[{','.join(lines)}]".encode(), "json",
            lambda data: len(json.loads(data)),
        ),
        Case(
            "a.geojson", json.dumps(collection, ensure_ascii=False).encode(), "json",
            lambda data: len(json.loads(data)["features"]),
        ),
        Case(
            "a.parquet", _parquet(table), "pyarrow.parquet",
            lambda data: int(pq.read_table(io.BytesIO(data)).num_rows),
        ),
        Case(
            "a.zip", workbooks.packed({"a.csv": text}), "zipfile, pyarrow.csv",
            lambda data: _by_arrow(zipfile.ZipFile(io.BytesIO(data)).read("a.csv")),
        ),
        Case(
            "a.xlsx", workbooks.xlsx(workbooks.rows([HEADER, *few])),
            "python-calamine", _by_calamine,
        ),
        Case("a.xls", _xls(few), "python-calamine", _by_calamine),
    ]  # fmt: skip


def _by_arrow(data: bytes, encoding: str = "utf8", delimiter: str = ",") -> int:
    table = pacsv.read_csv(
        io.BytesIO(data),
        read_options=pacsv.ReadOptions(encoding=encoding),
        parse_options=pacsv.ParseOptions(delimiter=delimiter),
        convert_options=pacsv.ConvertOptions(column_types=dict.fromkeys(HEADER, pa.string())),
    )
    return int(table.num_rows)


def _by_calamine(data: bytes) -> int:
    workbook = python_calamine.load_workbook(io.BytesIO(data))
    return len(workbook.get_sheet_by_index(0).to_python()) - 1


def _parquet(table: Table) -> bytes:
    columns = {name: pa.array([row[at] for row in table]) for at, name in enumerate(HEADER)}
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def _xls(table: Table) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("S1")
    for number, row in enumerate([HEADER, *table]):
        for place, cell in enumerate(row):
            if cell:
                sheet.write(number, place, cell)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()
