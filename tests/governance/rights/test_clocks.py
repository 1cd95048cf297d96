"""The law's clocks at leap days, ends of years and where Seoul and UTC have different dates."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis.strategies import datetimes, just, sampled_from

from governance.rights import clocks

# Hypothesis wants bounds without a zone; summer time was last used in Seoul in 1988.
EARLIEST, LATEST = datetime(1989, 1, 1), datetime(2400, 1, 1)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("kind", "received", "due"),
    [
        # In Seoul it is the 23rd already: the ten days are those up to 3 December.
        ("access", "2026-11-22T15:00:00+00:00", "2026-12-03T15:00:00+00:00"),
        ("access", "2026-11-22T14:59:59+00:00", "2026-12-02T15:00:00+00:00"),
        # A leap day is a day, for ten days and for thirty; a year without one has none.
        ("access", "2028-02-20T03:00:00+00:00", "2028-03-01T15:00:00+00:00"),
        ("objection", "2028-02-10T03:00:00+00:00", "2028-03-11T15:00:00+00:00"),
        ("objection", "2027-02-10T03:00:00+00:00", "2027-03-12T15:00:00+00:00"),
        # Received on the leap day itself, and a century that has one.
        ("erasure", "2028-02-29T14:59:59+00:00", "2028-03-10T15:00:00+00:00"),
        ("erasure", "2400-02-28T15:00:00+00:00", "2400-03-10T15:00:00+00:00"),
        # Over the end of a year; on New Year's Eve in UTC it is the new year in Seoul already.
        ("erasure", "2026-12-25T03:00:00+00:00", "2027-01-04T15:00:00+00:00"),
        ("explanation", "2026-12-31T14:59:59+00:00", "2027-01-30T15:00:00+00:00"),
        ("explanation", "2026-12-31T15:00:00+00:00", "2027-01-31T15:00:00+00:00"),
    ],
)
def test_the_time_for_an_answer_ends_at_midnight_in_seoul(
    kind: str, received: str, due: str
) -> None:
    found = clocks.due_at(kind, datetime.fromisoformat(received))
    assert found == datetime.fromisoformat(due)


@given(
    received=datetimes(EARLIEST, LATEST, timezones=just(UTC)),
    kind=sampled_from(sorted(clocks.DAYS)),
)
def test_everybody_has_all_the_days_of_the_law_and_the_rest_of_the_first(
    received: datetime, kind: str
) -> None:
    due = clocks.due_at(kind, received)
    left = due - received
    days = timedelta(days=clocks.DAYS[kind])
    assert days < left <= days + timedelta(days=1)
    assert (due + timedelta(hours=9)).time() == time()
    # The step before the last second is still in time; a microsecond after it is not.
    assert clocks.urgency(due, due) is clocks.Urgency.DUE_SOON
    assert clocks.urgency(due, due + timedelta(microseconds=1)) is clocks.Urgency.OVERDUE
    assert clocks.urgency(due, due - clocks.WARNING) is clocks.Urgency.IN_TIME
