from __future__ import annotations

import inspect

import pytest

from contributions.quality import engine
from contributions.quality.catalogue import KINDS
from contributions.quality.suite import loss_of, validate_checks

SCHEMA: dict[str, object] = {
    "fields": [
        {"name": "구"},
        {"name": "값", "type": "number"},
        {"name": "날짜", "type": "date"},
    ]
}
BETWEEN = "expect_column_values_to_be_between"


def check(kind: str, severity: str = "critical", **kwargs: object) -> dict[str, object]:
    return {"type": kind, "kwargs": kwargs, "severity": severity}


def test_good_checks_have_no_problems() -> None:
    checks = [
        check(BETWEEN, column="값", min_value=0, max_value=1.5),
        check(BETWEEN, column="날짜", min_value="2024-01-01"),
        check("expect_column_values_to_match_regex", column="구", regex="구$"),
        check("expect_compound_columns_to_be_unique", column_list=["구", "날짜"]),
        check("expect_table_row_count_to_be_between", min_value=1),
        {
            **check("expect_column_values_to_not_be_null", "warning", column="값"),
            "meta": {"loss": 300},
        },
    ]
    assert validate_checks(checks, SCHEMA) == []
    assert [loss_of(each) for each in checks] == [0, 0, 0, 0, 0, 300]


@pytest.mark.parametrize(
    ("wrong", "about"),
    [
        (check("expect_the_unexpected"), "not offered"),
        (check(BETWEEN, "fatal", column="값", min_value=0), "severity"),
        (check(BETWEEN, column="없음", min_value=0), "not in the schema"),
        (check(BETWEEN, column="값"), "at least one of"),
        (check(BETWEEN, column="값", min_value=2, max_value=1), "above"),
        (check(BETWEEN, column="값", min_value="0"), "must be numbers"),
        (check(BETWEEN, column="구", min_value=0), "numbers or dates"),
        (check(BETWEEN, column="날짜", min_value="soon"), "must be dates"),
        (check(BETWEEN, column="값", min_value=0, row_condition="x"), "not known"),
        (check(BETWEEN, min_value=0), "missing"),
        (check(BETWEEN, column="값", min_value=0, mostly=2), "mostly"),
        (check("expect_column_values_to_match_regex", column="구", regex="("), "regular"),
        (check("expect_column_mean_to_be_between", column="구", min_value=0), "numbers"),
        ({**check(BETWEEN, "warning", column="값", min_value=0), "meta": {"loss": 1001}}, "1000"),
        ({**check(BETWEEN, "warning", column="값", min_value=0), "meta": {"loss": 0.5}}, "1000"),
        ({**check(BETWEEN, "critical", column="값", min_value=0), "meta": {"loss": 5}}, "warning"),
        (check("expect_no_repeated_block", column_list=["값", "구"]), "column of numbers"),
        (check("expect_no_repeated_block", column_list=["구", "값"], run_length=1), "run_length"),
        (check("expect_key_to_have_one_value", column_list=["값"]), "rows belong together by"),
        (
            {**check("expect_table_row_count_to_equal", "warning", value=1), "meta": {"loss": 5}},
            "whole table",
        ),
    ],
)
def test_a_check_that_cannot_be_run_is_told_so(wrong: dict[str, object], about: str) -> None:
    problems = validate_checks([wrong], SCHEMA)
    assert any(about in problem for problem in problems), problems


def test_the_catalogue_says_what_the_engine_says() -> None:
    from great_expectations.expectations.registry import get_expectation_impl

    engine.warm()
    for name, kind in KINDS.items():
        implementation = get_expectation_impl(name)
        known = set(implementation.__fields__)
        assert kind.arguments() <= known, name
        ancestors = {each.__name__ for each in inspect.getmro(implementation)}
        by_row = {"ColumnMapExpectation", "ColumnPairMapExpectation", "MulticolumnMapExpectation"}
        # Of a typed column the library answers these two for the column, not for its rows.
        by_type = name.endswith(("_to_be_of_type", "_to_be_in_type_list"))
        judges_rows = bool(ancestors & by_row) and not by_type
        assert judges_rows == (kind.scope == "row"), name
