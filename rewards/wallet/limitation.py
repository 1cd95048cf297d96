"""When a claim is over, counted as civil law counts. Pure.

The day of the event is not counted; a period of years ends with the day before the one that has the
same date as its first day, or with the last day of the month where there is no such date (Civil Act
of Korea, arts. 157 and 160; whether it applies is to be verified by counsel).
"""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo


def ends_at(event: datetime, years: int, zone: tzinfo) -> datetime:
    """The first moment at which a claim from ``event`` is over, by the calendar of ``zone``.

    What happened on 28 February 2024 counts from the 29th; 2029 has none, so five years end with
    28 February 2029, and this is the beginning of 1 March.
    """
    first = event.astimezone(zone).date() + timedelta(days=1)
    try:
        over = first.replace(year=first.year + years)
    except ValueError:  # 29 February in a year without one
        over = first.replace(year=first.year + years, month=3, day=1)
    return datetime(over.year, over.month, over.day, tzinfo=zone)
