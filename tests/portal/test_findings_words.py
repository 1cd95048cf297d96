"""What was found is told once for all rows that share it."""

from __future__ import annotations

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from contributions.quality.catalogue import KINDS
from portal.findings_words import remarks
from portal.public.check_words import check_text

ROWS = st.lists(st.integers(0, 3000), max_size=200)


@given(ROWS)
def test_every_row_is_named_or_counted_once(rows: list[int]) -> None:
    found = remarks([{"message": "No.", "column": "a", "row": row} for row in rows])
    assert len(found) == (1 if rows else 0)
    for remark in found:
        named: set[int] = set()
        for part in filter(None, remark.rows.replace(",", " ,").split(" , ")):
            ends = [int(each.replace(" ,", "").replace(",", "")) for each in part.split("–")]
            named |= set(range(ends[0], ends[-1] + 1))
        assert named <= set(rows)
        assert len(named) + remark.more == remark.total == len(set(rows) - {0})


def test_remarks_keep_the_order_of_the_rows_that_came_first() -> None:
    found = remarks(
        [
            {"message": "Too large.", "column": "pm10", "row": 3},
            {"message": "Empty.", "column": "date", "row": 4},
            *({"message": "Too large.", "column": "pm10", "row": row} for row in (4, 5, 1200)),
            {"message": "Left out.", "column": "", "row": 0},
        ]
    )
    assert [(each.column, each.rows) for each in found] == [
        ("pm10", "3–5, 1,200"), ("date", "4"), ("", ""),
    ]  # fmt: skip


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_rule_that_a_call_may_use_has_words(language: str) -> None:
    with override(language):
        for kind in KINDS:
            said = check_text({"type": kind, "kwargs": {}})
            assert kind.removeprefix("expect_").replace("_", " ") != said
            assert said.isascii() == (language == "en") or "–" in said
    with override("en"):
        mean = {"min_value": 0, "max_value": 1500}
        assert check_text({"type": "expect_column_mean_to_be_between", "kwargs": mean}) == (
            "Mean: 0 – 1,500"
        )
        pair = {"column_A": "end", "column_B": "start", "or_equal": True}
        assert check_text(
            {"type": "expect_column_pair_values_a_to_be_greater_than_b", "kwargs": pair}
        ) == ("end is not less than start")
