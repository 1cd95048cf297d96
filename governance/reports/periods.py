"""The period of a report: a quarter of the city's calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dure.core import clock


@dataclass(frozen=True)
class Period:
    """A quarter such as ``2026-q4``: from ``start`` up to, not including, ``end``."""

    key: str
    start: datetime
    end: datetime

    @classmethod
    def of(cls, key: str) -> Period:
        """Reads ``2026-q4``; ValueError for anything else."""
        start, end = clock.quarter_bounds(key)
        return cls(key, start, end)
