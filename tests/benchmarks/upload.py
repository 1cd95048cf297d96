"""From upload to accepted, over HTTP, in the city that runs on this machine."""

from __future__ import annotations

import json
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from tests.benchmarks.measure import Figure, Size, Skipped, percentile, stopwatch

TIMES: dict[Size, int] = {"quick": 3, "normal": 7, "full": 20}
ROWS = 20
DEADLINE_S = 120


def run(size: Size) -> list[Figure]:
    from django.conf import settings

    from dure_client.city import City, CityError

    try:
        document = json.loads((settings.VAR_DIR / "demo.json").read_text())
        resident = next(p for p in document["people"] if p["role"] == "resident")
    except (OSError, ValueError, KeyError, StopIteration):
        raise Skipped("no demo city on this machine: make demo") from None
    city = City(document["url"], resident["api_key"])
    try:
        city.get("calls/")
    except CityError as error:
        raise Skipped(f"the demo city does not answer: {error}") from None
    seconds = [_once(city, number) for number in range(TIMES[size])]
    return [
        Figure(
            f"upload to accepted over HTTP, {ROWS} rows, median of {len(seconds)}",
            percentile(seconds, 0.5),
            "s",
            goal="5 s",
        ),
        Figure(
            f"upload to accepted over HTTP, {ROWS} rows, slowest of {len(seconds)}",
            max(seconds),
            "s",
            goal="5 s",
        ),
    ]


def _once(city: object, number: int) -> float:
    from dure_client.city import City

    assert isinstance(city, City)
    # A station outside the city and days that nobody else reports: no price moves.
    first = date(1990, 1, 1) + timedelta(days=int(time.time()) % 9_000 + number * ROWS)
    lines = ["측정일시,측정소명,이산화질소농도(ppm),오존농도(ppm),일산화탄소농도(ppm),"
             "아황산가스농도(ppm),미세먼지농도(㎍/㎥),초미세먼지농도(㎍/㎥)"]  # fmt: skip
    lines += [
        f"{first + timedelta(days=day):%Y%m%d},행주,0.02,0.03,0.4,0.003,{30 + number},15"
        for day in range(ROWS)
    ]
    with tempfile.TemporaryDirectory() as folder, stopwatch() as elapsed:
        file = Path(folder) / "benchmark.csv"
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        receipt = city.push(
            file,
            call="air-daily",
            purposes=["city-ai"],
            idempotency_key=f"benchmark-{time.time_ns()}",
        )["receipt"]
        _wait(city, receipt)
    return elapsed.seconds


def _wait(city: object, receipt: str) -> None:
    from dure_client.city import City

    assert isinstance(city, City)
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        state = city.get(f"contributions/{receipt}/")["state"]
        if state == "accepted":
            return
        if state in {"returned", "rejected", "failed"}:
            raise RuntimeError(f"{receipt} ended as {state}")
        time.sleep(0.1)
    raise RuntimeError(f"{receipt} is not decided after {DEADLINE_S} s: do the workers run?")
