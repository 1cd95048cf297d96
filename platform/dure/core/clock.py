"""The clock and the calendar of reports; pure code gets its times passed in."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

#: Reports follow the city's calendar.
CITY_ZONE = ZoneInfo("Asia/Seoul")
_QUARTER = re.compile(r"^(\d{4})-q([1-4])$", re.ASCII)


def now() -> datetime:
    return timezone.now()


def rfc3339(moment: datetime) -> str:
    """``2026-11-22T20:41:37Z``: UTC, whole seconds."""
    return f"{moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat()}Z"


def quarter(moment: datetime) -> str:
    """The reporting period of a moment, such as ``2026-q4``, by the city's calendar."""
    local = moment.astimezone(CITY_ZONE)
    return f"{local.year}-q{(local.month - 1) // 3 + 1}"


def quarter_before(period: str) -> str:
    """The period before one; ``ValueError`` for what is not a period."""
    quarter_bounds(period)
    year, number = int(period[:4]), int(period[-1])
    return f"{year}-q{number - 1}" if number > 1 else f"{year - 1:04}-q4"


def quarter_bounds(period: str) -> tuple[datetime, datetime]:
    """First moment of a period and of the next one; ``ValueError`` for anything else."""
    match = _QUARTER.match(period)
    if match is None:
        raise ValueError("A period looks like 2026-q4.")
    year, number = int(match[1]), int(match[2])
    start = datetime(year, 3 * number - 2, 1, tzinfo=CITY_ZONE)
    end = datetime(year + number // 4, 3 * number % 12 + 1, 1, tzinfo=CITY_ZONE)
    return start.astimezone(UTC), end.astimezone(UTC)
