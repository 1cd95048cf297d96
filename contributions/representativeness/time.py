"""When data is missing: the 168 hours of a week, of which each should be seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

DAYS, HOURS = 7, 24


@dataclass(frozen=True)
class WeekCoverage:
    """`covered`: share of the cells with any mass; `tvd`: distance from an even week.

    A call whose moments have no hour is measured by day alone (`hourly` False, 7 cells).
    `empty` are (weekday, hour) with Monday 0, hour None by day; in the order of the week.
    """

    hourly: bool
    covered: Fraction
    tvd: Fraction
    empty: tuple[tuple[int, int | None], ...]


def hour_cell(weekday: int, hour: int | None) -> str:
    """The key of a cell: "0/09" is Monday nine to ten, "6" a Sunday of daily data."""
    if not 0 <= weekday < DAYS or (hour is not None and not 0 <= hour < HOURS):
        raise ValueError("no such hour of a week")
    return str(weekday) if hour is None else f"{weekday}/{hour:02d}"


def week_coverage(masses: Mapping[str, int]) -> WeekCoverage | None:
    """Coverage of the week by masses per `hour_cell`; None without any mass.

    Data with an hour anywhere is measured by the hour, the rest by the day.
    """
    total = sum(masses.values())
    if not total:
        return None
    hourly = any("/" in key for key, mass in masses.items() if mass)
    cells = [(day, hour) for day in range(DAYS) for hour in (range(HOURS) if hourly else (None,))]
    mass = {cell: masses.get(hour_cell(*cell), 0) for cell in cells}
    seen = sum(mass.values())
    even = Fraction(1, len(cells))
    tvd = sum((abs(Fraction(each, seen) - even) for each in mass.values()), Fraction(0)) / 2
    empty = tuple(cell for cell in cells if not mass[cell])
    return WeekCoverage(hourly, 1 - len(empty) * even, tvd, empty)
