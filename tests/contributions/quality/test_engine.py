from __future__ import annotations

import logging

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contributions.quality import engine
from contributions.quality.outcome import QualityOutcome
from contributions.schema import cast

BETWEEN = "expect_column_values_to_be_between"
Check = dict[str, object]


def check(kind: str, severity: str = "critical", loss: int = 0, **kwargs: object) -> Check:
    return {"type": kind, "kwargs": kwargs, "severity": severity, "meta": {"loss": loss}}


def frame(**columns: object) -> pd.DataFrame:
    made = pd.DataFrame(columns)
    made.index = pd.RangeIndex(1, len(made) + 1, name="row")
    return made


def judge(data: pd.DataFrame, *checks: Check) -> QualityOutcome:
    return engine.run(data, checks=list(checks), suite_id="test")


def test_critical_rows_are_set_aside_warnings_cost_and_information_is_free() -> None:
    outcome = judge(
        frame(a=[1.0, 9.0, np.nan, 2.0], s=["x", "y", "x", "z"]),
        check(BETWEEN, column="a", min_value=0, max_value=5),
        check("expect_column_values_to_not_be_null", "warning", 300, column="a"),
        check("expect_column_values_to_be_in_set", "warning", 900, column="s", value_set=["x"]),
        check("expect_column_values_to_match_regex", "info", column="s", regex="q"),
    )
    assert outcome.set_aside.tolist() == [False, True, False, False]
    assert outcome.loss.tolist() == [0, 900, 300, 900]
    assert [(each.passed, each.failing) for each in outcome.results] == [
        (False, 1),
        (False, 1),
        (False, 2),
        (False, 4),
    ]
    assert [(each.row, each.rule, each.column) for each in outcome.problems] == [(2, BETWEEN, "a")]


def test_losses_add_up_to_the_whole_and_no_further() -> None:
    null = "expect_column_values_to_not_be_null"
    outcome = judge(
        frame(a=[np.nan, 1.0], b=[np.nan, np.nan]),
        check(null, "warning", 700, column="a"),
        check(null, "warning", 700, column="b"),
    )
    assert outcome.loss.tolist() == [1000, 700]


def test_a_check_that_cannot_run_blames_no_row() -> None:
    outcome = judge(
        frame(s=["x", "y"], a=[1.0, 2.0]),
        check(BETWEEN, column="s", min_value=0),
        check(BETWEEN, column="nowhere", min_value=0),
        check("expect_column_values_to_match_strftime_format", column="s", strftime_format="%"),
        check(BETWEEN, column="a", min_value=2),
    )
    assert [each.error for each in outcome.results] == [
        "check.type_mismatch",
        "check.column_missing",
        "check.invalid",
        None,
    ]
    assert outcome.set_aside.tolist() == [True, False]


def test_checks_of_the_table_are_told_apart_from_rows() -> None:
    outcome = judge(
        frame(a=[1.0, 5.0]),
        check("expect_column_max_to_be_between", column="a", max_value=3),
        check("expect_table_row_count_to_be_between", min_value=1),
    )
    assert [each.rule for each in outcome.table_failures] == ["expect_column_max_to_be_between"]
    assert not outcome.set_aside.any()


def test_an_empty_frame_fails_no_row_but_may_fail_as_a_table() -> None:
    empty = frame(a=np.array([], float))
    assert [
        each.passed for each in judge(empty, check(BETWEEN, column="a", min_value=0)).results
    ] == [True]
    counted = judge(empty, check("expect_table_row_count_to_be_between", min_value=1))
    assert [each.passed for each in counted.results] == [False]


def test_a_check_whose_tolerance_is_met_touches_no_row() -> None:
    outcome = judge(
        frame(a=[1.0, 2.0, 3.0, 99.0]), check(BETWEEN, column="a", max_value=5, mostly=0.7)
    )
    assert outcome.results[0].passed
    assert not outcome.set_aside.any()


def test_rows_keep_the_numbers_they_had_in_the_file() -> None:
    schema = {"fields": [{"name": "d", "type": "date", "format": "%Y%m%d"}]}
    table = pa.table({"d": ["20240101", "20250101", "20260101"]})
    typed = cast(table, schema, row_numbers=np.array([4, 7, 9]))
    outcome = judge(typed.frame, check(BETWEEN, column="d", min_value="2025-01-01"))
    assert [each.row for each in outcome.problems] == [4]


def test_no_value_leaves_the_engine(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    marker = "MARKER-4711"
    data = frame(s=[marker, "x", "x"], n=[1.0, 2.0, 3.0])
    with caplog.at_level(logging.DEBUG):
        outcome = judge(
            data,
            check("expect_column_values_to_be_in_set", column="s", value_set=["x"]),
            check("expect_column_distinct_values_to_be_in_set", column="s", value_set=["x"]),
            check("expect_column_values_to_match_regex", column="s", regex="^x$"),
            check("expect_column_values_to_be_unique", column="s"),
            check(BETWEEN, column="s", min_value=0),
            check("expect_column_most_common_value_to_be_in_set", column="s", value_set=["y"]),
        )
    assert marker not in repr(outcome)
    assert marker not in caplog.text
    assert marker not in "".join(capfd.readouterr())


NUMBERS = st.lists(
    st.one_of(
        st.floats(-10, 10),
        st.sampled_from([np.nan, np.inf, -np.inf, 0.0, -0.0]),
        st.integers(-3, 3),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    NUMBERS,
    st.lists(st.sampled_from(["가", "나", "x\n", "12", "１", "", None]), min_size=12, max_size=12),
)
def test_verdicts_are_those_of_a_person_with_a_pencil(
    numbers: list[float], texts: list[str | None]
) -> None:
    texts = texts[: len(numbers)]
    data = frame(n=np.array(numbers, float), s=pd.array(texts, dtype="str"))
    outcome = judge(
        data,
        check(BETWEEN, "warning", 1, column="n", min_value=-1, max_value=2),
        check(BETWEEN, "warning", 2, column="n", min_value=0, strict_min=True),
        check("expect_column_values_to_not_be_null", "warning", 4, column="s"),
        check(
            "expect_column_values_to_be_in_set", "warning", 8, column="s", value_set=["가", "12"]
        ),
        check("expect_column_values_to_be_unique", "warning", 16, column="s"),
    )
    assert all(each.error is None for each in outcome.results)
    for place, (number, text) in enumerate(zip(numbers, texts, strict=True)):
        wrong = 0
        if not np.isnan(number):
            wrong += 1 * (not -1 <= number <= 2) + 2 * (not number > 0)
        wrong += 4 * (text is None)
        if text is not None:
            wrong += 8 * (text not in ("가", "12")) + 16 * (texts.count(text) > 1)
        assert outcome.loss[place] == wrong


def test_suites_are_kept_by_content_and_the_oldest_go() -> None:
    data = frame(a=[1.0])
    for bound in range(engine.SUITES_KEPT + 3):
        judge(data, check(BETWEEN, column="a", min_value=bound))
    held = engine._held[0]
    assert len(held.suites) == engine.SUITES_KEPT
