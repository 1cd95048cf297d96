"""Amounts are exact integers; text that is not plainly an amount is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dure.core.money import AMOUNT_MAX, SUB_UNITS, format_amount, parse_amount


@given(st.integers(min_value=0, max_value=AMOUNT_MAX))
def test_every_amount_survives_a_round_trip(sub_units: int) -> None:
    assert parse_amount(format_amount(sub_units)) == sub_units


@pytest.mark.parametrize(
    ("text", "sub_units"),
    [("0", 0), ("66.96", 66_960_000), ("1000000", 1_000_000 * SUB_UNITS), ("0.000001", 1)],
)
def test_amounts_read_as_written(text: str, sub_units: int) -> None:
    assert parse_amount(text) == sub_units


@pytest.mark.parametrize(
    "text",
    ["", "-1", "+1", "1e3", "1.0000001", ".5", "1.", "01", " 1", "1 ", "1\n", "1.5\n", "１２",
     "1,000", "NaN",
     "99999999999999", "9223372036855"],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        parse_amount(text)


def test_a_negative_balance_shows_its_sign() -> None:
    assert format_amount(-1_500_000) == "-1.5"
