"""How long a mandate and an answer to a finding may take. Pure."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from governance.rights.clocks import end_of_day_after, end_of_local_day

#: Calendar days from a finding to the city's answer; a note asks for none.
DAYS: Final[dict[str, int]] = {"critical": 7, "high": 14, "medium": 30, "low": 30}


def answer_due(severity: str, found_at: datetime) -> datetime | None:
    """The midnight in Seoul by which a finding is answered; None for a note."""
    days = DAYS.get(severity)
    return None if days is None else end_of_day_after(found_at, days)


def end_of_mandate(day: date) -> datetime:
    """The midnight in Seoul at which a mandate's last day ends."""
    return end_of_local_day(day)
