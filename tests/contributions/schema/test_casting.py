from __future__ import annotations

import datetime as dt
import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contributions.schema import Typed, cast


def typed(values: list[str | None], **field: object) -> Typed:
    schema = {"fields": [{"name": "x", **field}]}
    return cast(pa.table({"x": pa.array(values, pa.string())}), schema)


def broken(values: list[str | None], **field: object) -> list[tuple[int, str]]:
    return [(each.row, each.rule) for each in typed(values, **field).problems]


TEXTS = st.lists(
    st.one_of(
        st.none(),
        st.text(st.sampled_from("0123456789+-.eE, "), max_size=8),
        st.integers(-(10**20), 10**20).map(str),
        st.floats(allow_nan=False).map(str),
    ),
    max_size=30,
)


@given(TEXTS)
def test_whole_numbers_are_exactly_those_that_python_reads_from_plain_digits(
    values: list[str | None],
) -> None:
    result = typed(values, type="integer")
    for place, value in enumerate(values):
        text = (value or "").strip()
        if not text:
            assert not result.bad_rows[place]
        elif re.fullmatch("[+-]?[0-9]+", text) and abs(int(text)) < 10**18:
            assert not result.bad_rows[place]
            got = result.frame["x"].iloc[place]
            assert int(got) == int(text) or abs(int(text)) > 2**53
        else:
            assert result.bad_rows[place] == (
                not re.fullmatch("[+-]?[0-9]+", text) or abs(int(text)) >= 10**18
            )


@given(TEXTS)
def test_numbers_are_exactly_those_that_python_reads_as_finite(values: list[str | None]) -> None:
    result = typed(values, type="number")
    for place, value in enumerate(values):
        text = (value or "").strip()
        try:
            number = float(text) if text else None
        except ValueError:
            assert result.bad_rows[place]
            continue
        if number is None:
            assert not result.bad_rows[place]
            assert np.isnan(result.frame["x"].iloc[place])
        elif np.isfinite(number):
            assert result.frame["x"].iloc[place] == number
        else:
            assert result.bad_rows[place]


@given(st.integers(1700, 2250), st.integers(0, 13), st.integers(0, 32))
def test_a_date_is_one_if_and_only_if_the_calendar_has_it(year: int, month: int, day: int) -> None:
    try:
        expected = dt.date(year, month, day)
    except ValueError:
        expected = None
    for form, text in (
        ("%Y%m%d", f"{year}{month:02}{day:02}"),
        ("default", f"{year}-{month:02}-{day:02}"),
        ("any", f"{year}. {month}. {day}."),
        ("%d/%m/%Y", f"{day:02}/{month:02}/{year}"),
    ):
        result = typed([text], type="date", format=form)
        if expected is None:
            assert [each.rule for each in result.problems] == ["cell.impossible_date"]
        else:
            assert not result.problems
            assert result.frame["x"].iloc[0].date() == expected


@pytest.mark.parametrize(
    ("values", "field", "expected"),
    [
        (["2025121"], {"type": "date", "format": "%Y%m%d"}, [(1, "cell.date")]),
        (["2025-1-2"], {"type": "date"}, [(1, "cell.date")]),
        (["20250231"], {"type": "date", "format": "%Y%m%d"}, [(1, "cell.impossible_date")]),
        (["1,234", "12"], {"type": "number"}, [(1, "cell.thousands")]),
        (["1,234", "1,23"], {"type": "number", "groupChar": ","}, [(2, "cell.number")]),
        (
            ["1e999", "NaN", "inf"],
            {"type": "number"},
            [(1, "cell.number_range"), (2, "cell.number"), (3, "cell.number")],
        ),
        (["1960년", "12"], {"type": "integer", "bareNumber": False}, []),
        (["1960년"], {"type": "integer"}, [(1, "cell.integer")]),
        (["１２"], {"type": "integer"}, [(1, "cell.integer")]),
        (["9" * 30], {"type": "integer"}, [(1, "cell.number_range")]),
        (["true", "0", "예"], {"type": "boolean"}, [(3, "cell.boolean")]),
        (["예", "x"], {"type": "boolean", "trueValues": ["예"]}, [(2, "cell.boolean")]),
        (["24:00:00", "23:59:59"], {"type": "time"}, [(1, "cell.time")]),
        (["2024-13", "2024-12"], {"type": "yearmonth"}, [(1, "cell.yearmonth")]),
        (["24", "2024"], {"type": "year"}, [(1, "cell.year")]),
        (
            [None, " ", "a"],
            {"constraints": {"required": True}},
            [(1, "cell.required"), (2, "cell.required")],
        ),
        (["a", "b", "a", None, None], {"constraints": {"unique": True}}, [(3, "cell.unique")]),
        (
            ["5", "11", "-1"],
            {"type": "integer", "constraints": {"minimum": 0, "maximum": 10}},
            [(2, "cell.maximum"), (3, "cell.minimum")],
        ),
        (
            ["2024-01-01", "2023-12-31"],
            {"type": "date", "constraints": {"minimum": "2024-01-01"}},
            [(2, "cell.minimum")],
        ),
        (
            ["05:59:59", "06:00:00"],
            {"type": "time", "constraints": {"minimum": "06:00:00"}},
            [(1, "cell.minimum")],
        ),
        (["\u1100\u1161", "가", "나"], {"constraints": {"enum": ["가"]}}, [(3, "cell.enum")]),
        (["1.0", "2"], {"type": "number", "constraints": {"enum": [1]}}, [(2, "cell.enum")]),
        (["ab", "abc"], {"constraints": {"pattern": "[a-z]{2}"}}, [(2, "cell.pattern")]),
        (
            ["가", "가나다"],
            {"constraints": {"minLength": 2, "maxLength": 2}},
            [(1, "cell.min_length"), (2, "cell.max_length")],
        ),
    ],
)
def test_each_rule_finds_its_rows(
    values: list[str | None], field: dict[str, object], expected: list[tuple[int, str]]
) -> None:
    assert broken(values, **field) == expected


def test_moments_with_an_offset_become_utc() -> None:
    result = typed(
        ["2025-01-01T09:00:00+09:00", "2025-01-01T00:00:00Z", "2025-01-01 00:00"], type="datetime"
    )
    assert result.frame["x"].nunique() == 1
    assert result.frame["x"].dtype == np.dtype("M8[ns]")


def test_rows_keep_the_numbers_they_had_in_the_file() -> None:
    schema = {"fields": [{"name": "x", "type": "integer"}]}
    table = pa.table({"x": ["1", "b", "c"]})
    result = cast(table, schema, row_numbers=np.array([2, 5, 9]))
    assert [each.row for each in result.problems] == [5, 9]
    assert result.frame.index.tolist() == [2, 5, 9]
    assert result.frame.index.name == "row"


def test_declared_missing_marks_are_missing() -> None:
    schema = {"fields": [{"name": "x", "type": "number"}], "missingValues": ["", "-", "-999"]}
    result = cast(pa.table({"x": ["-", " -999 ", "-5", None]}), schema)
    assert result.problems == []
    assert result.frame["x"].isna().tolist() == [True, True, False, True]


def test_an_empty_table_is_typed_too() -> None:
    kinds = ("string", "integer", "number", "boolean", "date", "datetime", "time", "yearmonth")
    for kind in kinds:
        assert len(typed([], type=kind).frame) == 0


def test_no_problem_holds_a_cell() -> None:
    secret = "900101-1234568"
    fields: list[dict[str, object]] = [
        {"type": "integer"},
        {"type": "date"},
        {"constraints": {"enum": ["a"]}},
    ]
    for field in fields:
        assert secret not in repr(typed([secret], **field).problems)
