"""What a benchmark says, and how long something takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Literal

Size = Literal["quick", "normal", "full"]


@dataclass(frozen=True)
class Figure:
    """One measured number, beside the number of whatever it is compared with in the same run.

    `ratio` says how many times better than that we are: above 1 is better.
    """

    what: str
    value: float
    unit: str
    against: str = ""
    their_value: float | None = None
    ratio: float | None = None
    goal: str = ""

    def document(self) -> dict[str, object]:
        return asdict(self)


class Skipped(Exception):
    """The benchmark needs something that is not here; the text says what."""


@dataclass
class Elapsed:
    seconds: float = 0.0


@contextmanager
def stopwatch() -> Iterator[Elapsed]:
    elapsed = Elapsed()
    start = time.perf_counter()
    try:
        yield elapsed
    finally:
        elapsed.seconds = time.perf_counter() - start


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least `share` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def time_each(run: Callable[[int], object], times: int) -> list[float]:
    """Seconds of each of a number of runs; each is told its number."""
    seconds = []
    for number in range(times):
        with stopwatch() as elapsed:
            run(number)
        seconds.append(elapsed.seconds)
    return seconds
