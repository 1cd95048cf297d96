"""The personal-data gate; beside the same number of cells searched by plain regular expressions,
and beside presidio, in a virtual environment of its own.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from demo.generators import air_rows, trip_rows
from demo.stations import stations
from tests.benchmarks.measure import Figure, Size, stopwatch
from tests.benchmarks.peers import interpreter
from tests.contributions.privacy import forms

ROWS: dict[Size, int] = {"quick": 50_000, "normal": 300_000, "full": 1_000_000}
# What somebody would write in an afternoon: two patterns, no check digits, no names.
_PLAIN = (re.compile(r"01[016-9][-. ]?\d{3,4}[-. ]?\d{4}"), re.compile(r"\d{6}-[1-8]\d{6}"))


PEER = "presidio-analyzer==2.2.366"
PEER_ROWS = 2_000
# Its Korean number, telephone, card, e-mail and address recognisers without a language model, which
# would only slow it down; the list of top-level domains comes along instead of from the network.
PRESIDIO = """
import json, sys, time
import spacy, tldextract
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer import predefined_recognizers as known
from presidio_analyzer.nlp_engine import SpacyNlpEngine

tldextract.extract = tldextract.TLDExtract(suffix_list_urls=())

class Blank(SpacyNlpEngine):
    def __init__(self):
        super().__init__()
        self.nlp = {"ko": spacy.blank("xx")}

registry = RecognizerRegistry(supported_languages=["ko"])
for kind in ("Email", "CreditCard", "Ip", "KrRrn"):
    registry.add_recognizer(getattr(known, kind + "Recognizer")(supported_language="ko"))
registry.add_recognizer(
    known.PhoneRecognizer(supported_language="ko", supported_regions=("KR",))
)
engine = AnalyzerEngine(registry=registry, nlp_engine=Blank(), supported_languages=["ko"])
rows = json.load(sys.stdin)
start = time.perf_counter()
for row in rows:
    for cell in row:
        if cell:
            engine.analyze(cell, language="ko")
print(len(rows) / (time.perf_counter() - start))
"""


def run(size: Size) -> list[Figure]:
    rows = ROWS[size]
    return [
        _gate("measurements", _air(rows)),
        _gate("survey answers", _trips(rows)),
        _gate("records of bar codes and serial numbers", _things(rows)),
        _beside_presidio(_with_people(rows)),
    ]


def _things(rows: int) -> Any:  # Any: pyarrow ships no types
    """Columns of which every cell is a long number of its own, under names that say nothing."""
    draw = random.Random(1)
    lines = [
        (
            f"880{draw.randrange(10**10):010d}",
            f"20261101-{number:07d}",
            f"1111010{draw.randrange(10**12):012d}",
            f"{draw.random() * 100:.2f}",
        )
        for number in range(rows)
    ]
    return _table(("번호", "접수", "필지", "수량"), lines)


def _table(names: Sequence[str], lines: Sequence[Sequence[str | None]]) -> Any:  # Any: as above
    columns = zip(*lines, strict=True)
    return pa.table(
        {name: pa.array(each, pa.string()) for name, each in zip(names, columns, strict=True)}
    )


def _with_people(rows: int) -> Any:  # Any: pyarrow ships no types
    """Korean rows of a counter; in 4 of 100 somebody left a trace of a person."""
    draw = random.Random(1)
    remarks = (
        "맑음",
        "이상 없음",
        "점검 완료했습니다",
        "바람이 강하고 먼지가 많음",
        "센서 교체",
        "",
    )
    traces = (forms.mobile, forms.email, forms.plate, forms.dwelling)
    lines: list[tuple[str | None, ...]] = []
    for _ in range(rows):
        remark = draw.choice(remarks)
        if draw.random() < 0.04:
            remark += " " + draw.choice(traces)(draw)
        value = f"{draw.random() * 100:.2f}"
        lines.append((forms.moment(draw), draw.choice(forms.PLACES), value, remark or None))
    return _table(("측정일시", "측정소명", "PM10", "비고"), lines)


def _beside_presidio(table: Any) -> Figure:  # Any: pyarrow ships no types
    from contributions.privacy import scan

    scan(table.slice(0, 1_000), pseudonym_key=bytes(32))
    with stopwatch() as gate:
        verdict = scan(table, pseudonym_key=bytes(32))
    assert verdict.findings
    ours = table.num_rows / gate.seconds
    what = f"privacy gate: {table.num_rows:,} rows, 4 % with personal data, 4 columns"
    python = interpreter("presidio", PEER)
    if python is None:
        return Figure(what, ours, "rows/s", f"{PEER} cannot be installed here", goal="300,000")
    rows = [list(row.values()) for row in table.slice(0, PEER_ROWS).to_pylist()]
    done = subprocess.run(
        [str(python), "-c", PRESIDIO],
        input=json.dumps(rows), capture_output=True, text=True, check=True,
    )  # fmt: skip
    theirs = float(done.stdout.split()[-1])
    return Figure(what, ours, "rows/s", f"{PEER}, no model", theirs, ours / theirs, "100×")


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
