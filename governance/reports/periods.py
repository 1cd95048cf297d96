"""The period of a report: a quarter of the city's calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dure.core import clock


@dataclass(frozen=True)
class Period:
    """A quarter such as ``2026-q4``: from ``start`` up to, not including, ``end``.

    ``cuts`` are the moments at which earlier editions of its report were computed: what came in
    since one of them is a sum of its own, which a reader finds by subtracting.
    """

    key: str
    start: datetime
    end: datetime
    cuts: tuple[datetime, ...] = ()
    #: How many entries of the log the report looks at; None: all that have a place.
    log_size: int | None = None

    @classmethod
    def of(cls, key: str) -> Period:
        """Reads ``2026-q4``; ValueError for anything else."""
        start, end = clock.quarter_bounds(key)
        return cls(key, start, end)
