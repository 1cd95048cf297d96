"""Our verdicts are those of Great Expectations as it ships, on whatever a column may hold.

The registry of metrics belongs to a process, so the library judges in a process of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from typing import Any

import pytest

from contributions.quality import direct, engine
from tests.contributions.quality import edge_cases

LABELS = ("plain", "none")


@pytest.fixture(scope="module")
def stock() -> dict[str, list[Any]]:  # Any: JSON
    answer = subprocess.run(
        [sys.executable, "-m", "tests.contributions.quality.edge_cases", *LABELS],
        check=True,
        capture_output=True,
        text=True,
        timeout=250,
    )
    answers: dict[str, list[Any]] = json.loads(answer.stdout.splitlines()[-1])
    return answers


def ours(labels: str) -> list[Any]:  # Any: as JSON has it
    cases = edge_cases.cases(labels)
    checks = [{"type": kind, "kwargs": kwargs} for _name, kind, kwargs in cases]
    frame = edge_cases.frame(labels).reset_index(drop=True)
    with warnings.catch_warnings():
        # pandas warns of comparisons that the library makes all the same.
        warnings.simplefilter("ignore")
        held = engine._context()
        expectations, unbuildable = engine.expectations_of(checks, frozenset())
        assert not unbuildable
        found = {}
        for place, expectation in expectations.items():
            ready = direct.prepare(expectation)
            verdict = direct.judge(ready, frame) if ready is not None else None
            if verdict is not None:
                failing = [] if verdict.passed else verdict.failing.tolist()
                found[place] = [verdict.passed, failing, False]
        left = {place: each for place, each in expectations.items() if place not in found}
        for place in left:
            each = engine._by_the_library(held, {place: left[place]}, frame)[place]
            broke = each.error is not None
            failing = [] if broke or each.passed else each.failing.tolist()
            found[place] = [each.passed and not broke, failing, broke]
    return [found[place] for place in range(len(cases))]


@pytest.mark.parametrize("labels", LABELS)
def test_every_verdict_equals_that_of_the_library(
    stock: dict[str, list[Any]],  # Any: JSON
    labels: str,
) -> None:
    cases = edge_cases.cases(labels)
    for case, mine, theirs in zip(cases, ours(labels), stock[labels], strict=True):
        assert mine == theirs, case


def test_the_checks_a_call_uses_most_are_judged_without_the_library_s_graph() -> None:
    often: dict[str, dict[str, object]] = {
        "expect_column_values_to_be_between": {"min_value": 0},
        "expect_column_values_to_be_in_set": {"value_set": ["x"]},
        "expect_column_values_to_match_regex": {"regex": "x"},
        "expect_column_values_to_not_be_null": {},
        "expect_column_values_to_be_unique": {},
        "expect_column_value_lengths_to_be_between": {"min_value": 1},
        "expect_column_values_to_match_strftime_format": {"strftime_format": "%Y"},
    }
    checks: list[dict[str, object]] = [
        {"type": kind, "kwargs": {"column": "c", **more}} for kind, more in often.items()
    ]
    built, _unbuildable = engine.expectations_of(checks, frozenset())
    assert all(direct.prepare(each) is not None for each in built.values())


def test_labels_that_repeat_do_not_change_which_rows_fail() -> None:
    of_rows: list[tuple[str, dict[str, object]]] = [
        ("expect_column_values_to_match_regex", {"column": "text", "regex": r"^\w+$"}),
        ("expect_column_values_to_be_between", {"column": "fraction", "min_value": 0}),
        ("expect_column_values_to_be_between", {"column": "whole with gaps", "max_value": 11}),
        ("expect_column_values_to_not_be_null", {"column": "moment in Seoul"}),
        ("expect_column_values_to_be_unique", {"column": "mixed"}),
        ("expect_column_values_to_be_increasing", {"column": "whole"}),
        ("expect_column_value_lengths_to_equal", {"column": "text as objects", "value": 2}),
        ("expect_column_pair_values_to_be_equal", {"column_A": "text", "column_B": "nothing"}),
    ]
    plain = edge_cases.frame()
    repeated = plain.set_axis([3] * len(plain))
    for kind, kwargs in of_rows:
        checks: list[dict[str, object]] = [{"type": kind, "kwargs": kwargs}]
        one, other = (
            engine.run(each, checks=checks, suite_id="labels") for each in (plain, repeated)
        )
        assert one.set_aside.tolist() == other.set_aside.tolist(), kind
        assert one.set_aside.any(), kind
        assert one.results == other.results, kind
