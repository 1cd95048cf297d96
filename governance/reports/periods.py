"""The period of a report: a quarter of the city's calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dure.core import clock
from governance.reports.documents import SectionDocument


@dataclass(frozen=True)
class Edition:
    """A report that is published: what it said about ``period``, as of ``computed_at``."""

    period: str
    computed_at: datetime
    sections: Sequence[SectionDocument]


@dataclass(frozen=True)
class Period:
    """A quarter such as ``2026-q4``: from ``start`` up to, not including, ``end``.

    ``editions`` are all reports that are published, of this quarter and of others, oldest first: a
    reader has them side by side and subtracts.
    """

    key: str
    start: datetime
    end: datetime
    editions: tuple[Edition, ...] = ()
    #: How many entries of the log the report looks at; None: all that have a place.
    log_size: int | None = None

    @property
    def own(self) -> tuple[Edition, ...]:
        """The earlier editions of this quarter's report."""
        return tuple(each for each in self.editions if each.period == self.key)

    @property
    def cuts(self) -> tuple[datetime, ...]:
        """The moments at which those were computed: what came in since is a sum of its own."""
        return tuple(each.computed_at for each in self.own)

    @classmethod
    def of(cls, key: str) -> Period:
        """Reads ``2026-q4``; ValueError for anything else."""
        start, end = clock.quarter_bounds(key)
        return cls(key, start, end)
