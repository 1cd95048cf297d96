"""Figures are written so that nobody is promised more than there is."""

from __future__ import annotations

import pytest
from django.utils import translation

from portal import formatting


@pytest.mark.parametrize(
    ("amount", "asset", "text"),
    [
        ("66.96", "DURE", "66.96"),
        ("66.969", "DURE", "66.96"),
        ("1234567", "DURE", "1,234,567"),
        ("0.0123456", "DURE", "0.0123"),
        ("0", "DURE", "0"),
        ("500.5", "DURE", "500.50"),
        ("12000.9", "KRW", "12,000"),
    ],
)
def test_an_amount_is_never_rounded_up(amount: str, asset: str, text: str) -> None:
    assert formatting.amount_number(amount, asset) == text


def test_a_district_is_full_only_when_it_is_really_full() -> None:
    assert formatting.percent_text("99.99", "100") == "99%"
    assert formatting.percent_text("1", "0") == "–"


def test_units_follow_the_language_of_the_reader() -> None:
    with translation.override("ko"):
        assert formatting.amount_text("66.96", "DURE") == "66.96 두레"
        assert formatting.amount_text("12000", "KRW") == "12,000원"
    with translation.override("en"):
        assert formatting.amount_text("66.96", "DURE") == "66.96 DURE"


def test_of_a_time_that_ends_at_midnight_the_last_day_is_told() -> None:
    # The midnight in Seoul at which 10 December ends, and an hour before it.
    for end in ("2026-12-10T15:00:00Z", "2026-12-10T14:00:00Z"):
        moment = formatting.moment_of(end)
        assert moment is not None
        with translation.override("ko"):
            assert formatting.last_day_text(moment) == "2026년 12월 10일까지"
        with translation.override("en"):
            assert formatting.last_day_text(moment) == "10 December 2026"


@pytest.mark.parametrize(
    ("ratio", "text"),
    [("1.0951", "1.1"), ("1.04", "1.04"), ("1.004", "1.0"), ("0.95", "0.95"), ("1.72", "1.7"),
     ("1", "1.0"), ("0.9049", "0.9")],
)  # fmt: skip
def test_a_ratio_has_two_decimals_only_where_the_second_says_something(
    ratio: str, text: str
) -> None:
    assert formatting.multiplier_number(ratio) == text


@pytest.mark.parametrize(
    ("days", "korean", "english"),
    [
        (1, "1일", "1 day"),
        (90, "90일", "90 days"),
        (365, "1년(365일)", "1 year (365 days)"),
        (1825, "5년(1,825일)", "5 years (1,825 days)"),
        (1826, "1,826일", "1,826 days"),
    ],
)
def test_how_long_data_is_kept_is_said_in_years_where_they_are_whole(
    days: int, korean: str, english: str
) -> None:
    with translation.override("ko"):
        assert formatting.time_kept_text(days) == korean
    with translation.override("en"):
        assert formatting.time_kept_text(days) == english


@pytest.mark.parametrize(
    ("rows", "korean", "english"),
    [
        (0, "0행(0.0%)", "0 (0.0%)"),
        (1, "1행(0.1% 미만)", "1 (under 0.1%)"),
        (1234, "1,234행(24.7%)", "1,234 (24.7%)"),
    ],
)
def test_few_rows_of_many_are_told_and_not_rounded_away(
    rows: int, korean: str, english: str
) -> None:
    with translation.override("ko"):
        assert formatting.rows_of_all_text(rows, 5000) == korean
    with translation.override("en"):
        assert formatting.rows_of_all_text(rows, 5000) == english


def test_a_telephone_number_is_told_as_the_reader_dials_it() -> None:
    with translation.override("ko"):
        assert formatting.phone_text("+82-2-120") == "02-120"
        assert formatting.phone_text("1588-0000") == "1588-0000"
    with translation.override("en"):
        assert formatting.phone_text("+82-2-120") == "+82-2-120"
