"""One large CSV file through the whole pipeline, beside the same rules written by hand in polars.

The pipeline decrypts, decodes in a process of its own, looks for personal data, types, checks,
fingerprints every record in PostgreSQL and weighs the strata. The polars script does what a data
engineer would write for the same answer without privacy, encryption, durability or a database:
read, cast, check, drop repeats, sum per stratum.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading

from tests.benchmarks.measure import Figure, Size, stopwatch
from tests.benchmarks.polars_beside import python_with_polars

ROWS: dict[Size, int] = {"quick": 50_000, "normal": 1_000_000, "full": 1_000_000}
STATIONS = ("종로구", "도봉구", "강남구")
PEER = """
import sys, time
import polars as pl
began = time.perf_counter()
text = pl.read_csv(sys.argv[1], infer_schema=False)
typed = text.with_columns(pl.col("PM10").cast(pl.Float64, strict=False))
good = typed.filter(pl.col("측정일시").is_not_null() & pl.col("측정소명").is_not_null()
    & (pl.col("PM10").is_null() | pl.col("PM10").is_between(0, 1000)))
first = good.unique(subset=["측정일시", "측정소명"], keep="first", maintain_order=True)
mass = first.with_columns(q=pl.when(pl.col("PM10").is_null()).then(700).otherwise(1000))
strata = mass.group_by("측정소명").agg(pl.col("q").sum())
print(time.perf_counter() - began, mass.height)
"""


def csv(rows: int, start: int = 0) -> bytes:
    """Hourly values of three places, each in a stratum; one in 50 has no value. Files that start
    where another ended have no record in common.
    """
    lines = ["측정일시,측정소명,PM10"]
    for number in range(start, start + rows):
        value = "" if number % 50 == 0 else f"{number * 7919 % 900}.{number % 10}"
        lines.append(f"{2_000_000_000 + number // 3},{STATIONS[number % 3]},{value}")
    return ("\n".join(lines) + "\n").encode()


def run(size: Size) -> list[Figure]:
    from contributions.models import Stage, State
    from contributions.pipeline.stages import STEPS
    from contributions.pipeline.work import run_stage
    from contributions.quality import engine
    from tests.cast import mina
    from tests.contributions.seoul import handed_in, published

    # Workers load the engine before they take work.
    engine.warm()
    rows = ROWS[size]
    data = csv(rows)
    published(tolerance="1")
    with stopwatch() as handing_in:
        made = handed_in(mina(), data)
    stages: dict[str, float] = {}
    with _peak() as peak:
        for stage in Stage:
            with stopwatch() as elapsed:
                run_stage(made.id, STEPS[stage])
            stages[stage.value] = elapsed.seconds
    made.refresh_from_db()
    assert (made.state, made.accepted) == (State.ACCEPTED, rows), made.reason_rule
    ours = handing_in.seconds + sum(stages.values())
    theirs = _peer(data, rows)
    return [
        Figure(
            f"{rows:,} rows, handed in to accepted, all five stages",
            ours,
            "s",
            against="polars by hand",
            their_value=theirs,
            ratio=None if theirs is None else theirs / ours,
            goal="60 s" if rows >= 1_000_000 else "",
        ),
        Figure(f"{rows:,} rows, peak memory of the worker", peak.megabytes, "MB", goal="1,500 MB"),
        *(Figure(f"  of which {name}", seconds, "s") for name, seconds in stages.items()),
    ]


class _peak:
    """The largest resident size of this process while the block runs, asked for now and then."""

    megabytes = 0.0

    def __enter__(self) -> _peak:
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        import psutil

        process = psutil.Process(os.getpid())
        while True:
            self.megabytes = max(self.megabytes, process.memory_info().rss / 2**20)
            if self._done.wait(0.02):
                return


def _peer(data: bytes, rows: int) -> float | None:
    """Seconds of the polars script, in a virtual environment of its own; None without one."""
    python = python_with_polars()
    if python is None:
        return None
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        file.write(data)
        file.flush()
        done = subprocess.run(
            [python, "-c", PEER, file.name], capture_output=True, text=True, check=True
        )
    seconds, accepted = done.stdout.split()
    assert int(accepted) == rows
    return float(seconds)
