"""How long the law leaves for an answer. Pure: moments come in and go out."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import IntEnum

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
    """The last moment for an answer; KeyError for a kind that the law does not know."""
    return received_at + timedelta(days=DAYS[kind])


def urgency(due: datetime, moment: datetime) -> Urgency:
    """Where the clock stands at a moment."""
    if moment > due:
        return Urgency.OVERDUE
    return Urgency.DUE_SOON if moment > due - WARNING else Urgency.IN_TIME
