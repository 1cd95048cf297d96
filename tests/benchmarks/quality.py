"""A file from bytes to verdicts: decode, personal data, types, checks; beside stock engines."""

from __future__ import annotations

import io
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from demo.calls import call_documents
from demo.generators import air_rows, encode
from demo.stations import stations
from tests.benchmarks.measure import Figure, Size, stopwatch
from tests.benchmarks.polars_beside import python_with_polars

ROWS: dict[Size, tuple[int, ...]] = {
    "quick": (18_000,),
    "normal": (18_000, 200_000),
    "full": (18_000, 1_000_000),
}


def run(size: Size) -> list[Figure]:
    from contributions.quality import engine  # noqa: F401 - loaded before the clock starts

    _whole(_file(500))
    figures = []
    for rows in ROWS[size]:
        body = _file(rows)
        with stopwatch() as elapsed:
            frame = _whole(body)
        figures.append(
            Figure(
                f"decode, privacy, schema, 12 checks: {rows:,} rows ({len(body) >> 20} MB)",
                elapsed.seconds,
                "s",
                goal="60 s and 1.5 GB for 1,000,000",
            )
        )
        figures += _checks_alone(frame)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    gigabytes = peak / (1024**3 if sys.platform == "darwin" else 1024**2)
    figures.append(Figure("the same, peak memory of the process", gigabytes, "GB", goal="1.5 GB"))
    return figures


def _file(rows: int) -> bytes:
    """Measurements of which one row in 33 holds a value that no instrument reports."""
    names = sorted(stations())
    made = air_rows(random.Random(1), names, -(-rows // len(names)))[:rows]
    for row in made[::33]:
        row["미세먼지농도(㎍/㎥)"] = -999
    return encode(made, "csv")


def _document() -> Any:  # Any: a call document
    return call_documents()[0]


def _twelve_checks() -> list[Any]:  # Any: Great Expectations' own configuration
    """Six ranges, three presences, a set, a pattern and a length."""
    names = sorted(stations())
    on_station: list[tuple[str, dict[str, object]]] = [
        ("expect_column_values_to_be_in_set", {"value_set": names[:40]}),
        ("expect_column_values_to_match_regex", {"regex": "^[가-힣]+$"}),
        ("expect_column_value_lengths_to_be_between", {"min_value": 2, "max_value": 5}),
    ]
    ours: list[Any] = _document()["checks"][:9]
    return ours + [
        {"type": kind, "kwargs": {"column": "측정소명", **kwargs}, "severity": "critical"}
        for kind, kwargs in on_station
    ]


def _whole(body: bytes) -> Any:  # Any: pandas
    """The way of a file through the pure rooms; answers the typed rows."""
    from contributions.decode import decode
    from contributions.privacy import scan
    from contributions.quality import engine
    from contributions.schema import cast

    decoded = decode(io.BytesIO(body), filename="air.csv", content_type="text/csv")
    verdict = scan(decoded.table, pseudonym_key=bytes(32))
    numbers = decoded.row_numbers()
    typed = cast(verdict.table, _document()["schema"], row_numbers=numbers)
    frame = typed.frame[~typed.bad_rows]
    judged = engine.run(frame, checks=_document()["checks"], suite_id="benchmark")
    assert not judged.table_failures
    return frame


def _checks_alone(frame: Any) -> list[Figure]:  # Any: pandas
    """The same rows and checks: ours, the library as it ships, and polars written by hand.

    Each in a process of its own, because ours replaces metrics in the library's registry.
    """
    checks = _twelve_checks()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.parquet"
        frame.to_parquet(file)
        (Path(folder) / "checks.json").write_text(json.dumps(checks))
        ours = _judged(sys.executable, "ours", file)
        stock = _judged(sys.executable, "stock", file)
        hand = _judged(python_with_polars(), "polars", file)
    assert stock is not None
    assert ours is not None
    assert ours["failing"] == stock["failing"], "our verdicts and stock verdicts differ"
    what = f"{len(checks)} checks with a verdict for each of {len(frame):,} rows"
    mine, theirs = ours["seconds"], stock["seconds"]
    figures = [
        Figure(
            what, mine, "s", "stock Great Expectations, COMPLETE", theirs, theirs / mine,
            "6 times stock",
        ),
    ]  # fmt: skip
    if hand is None:
        figures.append(Figure(f"{what} (polars could not be installed beside)", mine, "s"))
    else:
        assert hand["failing"] == ours["failing"], "polars counts other rows"
        figures.append(
            Figure(
                what, mine, "s", "polars written by hand", hand["seconds"],
                hand["seconds"] / mine, "at most 4 times polars: 0.25",
            )
        )  # fmt: skip
    return figures


def _judged(python: str | None, engine: str, file: Path) -> Any:  # Any: JSON
    if python is None:
        return None
    command = [python, str(Path(__file__).with_name("quality_engines.py")), engine, str(file)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    if engine == "polars":
        environment.pop("PYTHONPATH")
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        if engine == "polars":
            return None
        raise RuntimeError((done.stderr.strip().splitlines() or ["no answer"])[-1])
    return json.loads(done.stdout.splitlines()[-1])
