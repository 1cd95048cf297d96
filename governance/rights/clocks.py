"""How long the law leaves for an answer. Pure: moments come in and go out.

Days are calendar days of the city: the day of receipt does not count, and the last day ends at
midnight in Seoul (Civil Act, articles 157 and 159). The law would let a time that ends on a
Saturday or a public holiday end on the next working day (article 161); the city does not use that.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

_CITY_ZONE = ZoneInfo("Asia/Seoul")

#: Calendar days from receipt to answer: ten for articles 35 to 37 of the Personal Information
#: Protection Act, thirty for article 37-2 on automated decisions.
DAYS: dict[str, int] = {
    "access": 10,
    "export": 10,
    "correction": 10,
    "erasure": 10,
    "restriction": 10,
    "objection": 30,
    "explanation": 30,
    "human_review": 30,
}
LEGAL_BASIS: dict[str, str] = {
    "access": "PIPA 35",
    "export": "PIPA 35-2",
    "correction": "PIPA 36",
    "erasure": "PIPA 36",
    "restriction": "PIPA 37",
    "objection": "PIPA 37-2",
    "explanation": "PIPA 37-2",
    "human_review": "PIPA 37-2",
}
#: The last part of the time, in which somebody above is told.
WARNING = timedelta(days=3)


class Urgency(IntEnum):
    """How far the clock has run; each step is announced once."""

    IN_TIME = 0
    DUE_SOON = 1
    OVERDUE = 2


def due_at(kind: str, received_at: datetime) -> datetime:
    """The midnight in Seoul by which an answer is due; KeyError for a kind unknown to the law."""
    return end_of_day_after(received_at, DAYS[kind])


def end_of_day_after(moment: datetime, days: int) -> datetime:
    """The end of the day in Seoul so many days after the one of ``moment``."""
    return end_of_local_day(moment.astimezone(_CITY_ZONE).date() + timedelta(days=days))


def end_of_local_day(day: date) -> datetime:
    """The midnight in Seoul at which a day ends."""
    return datetime.combine(day + timedelta(days=1), time(), _CITY_ZONE).astimezone(UTC)


def urgency(due: datetime, moment: datetime) -> Urgency:
    """Where the clock stands at a moment."""
    if moment > due:
        return Urgency.OVERDUE
    return Urgency.DUE_SOON if moment > due - WARNING else Urgency.IN_TIME
