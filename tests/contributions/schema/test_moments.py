"""Dates read one by one and dates read in columns are the same dates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contributions.schema.parsing import ISO8601, few_moments, many_moments

DATES = ["20260101", "20260231", "20240229", "20230229", "00010101", "16771231", "22621231",
         "99991231", "20261301", "20260100"]  # fmt: skip
MOMENTS = ["2026-01-01", "2026-01-01T09:30", "2026-01-01 09:30:15", "2026-01-01T09:30:15.123456",
           "2026-01-01T09:30:15Z", "2026-01-01T00:30:15+09:00", "2026-02-30T00:00:00",
           "2026-01-01T24:00:01", "1600-01-01T00:00:00", "2026-01-01T09:30:15+0900"]  # fmt: skip


@pytest.mark.parametrize(("texts", "form"), [(DATES, "%Y%m%d"), (MOMENTS, ISO8601)])
def test_the_edges_agree(texts: list[str], form: str) -> None:
    np.testing.assert_array_equal(few_moments(texts, form), many_moments(texts, form))


@given(
    st.lists(
        st.datetimes(
            min_value=datetime(1678, 1, 2),  # noqa: DTZ001 - zones are drawn apart
            max_value=datetime(2261, 12, 30),  # noqa: DTZ001
            timezones=st.sampled_from([UTC, timezone(timedelta(hours=9))]),
        ),
        max_size=20,
    )
)
def test_any_moment_agrees(moments: list[datetime]) -> None:
    texts = [moment.isoformat() for moment in moments]
    np.testing.assert_array_equal(few_moments(texts, ISO8601), many_moments(texts, ISO8601))
