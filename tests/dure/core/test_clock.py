"""Reports follow the city's calendar."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dure.core.clock import quarter, quarter_bounds, rfc3339


def test_new_year_begins_in_seoul_first() -> None:
    assert quarter(datetime(2026, 12, 31, 14, 59, tzinfo=UTC)) == "2026-q4"
    assert quarter(datetime(2026, 12, 31, 15, 0, tzinfo=UTC)) == "2027-q1"


def test_a_quarter_ends_where_the_next_begins() -> None:
    assert quarter_bounds("2026-q4")[1] == quarter_bounds("2027-q1")[0]
    start, end = quarter_bounds("2026-q1")
    assert (rfc3339(start), rfc3339(end)) == ("2025-12-31T15:00:00Z", "2026-03-31T15:00:00Z")


@pytest.mark.parametrize("text", ["2026", "2026-q5", "2026-Q1", "26-q1", "2026-q1 "])
def test_other_periods_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="period"):
        quarter_bounds(text)
