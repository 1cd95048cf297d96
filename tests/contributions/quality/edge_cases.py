"""Columns on which engines of quality checks disagree, and every row check that can meet them.

Run as a program it is the judge: the library as it ships, in a process where nothing was replaced.
It prints, for each case, whether the check passed, the rows that failed, and whether it broke.
"""

from __future__ import annotations

import json
import sys
import warnings
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

Case = tuple[str, str, dict[str, Any]]  # Any: arguments of a check
Answer = tuple[bool, list[int], bool]

TEXTS = [
    "가나다",
    "１２",
    "12",
    "x\n",
    "x",
    "aa",
    "ab",
    "",
    " x",
    None,
    "X",
    "x",
    "{}",
    "2026-01-31",
]
ROWS = len(TEXTS)
AT_ONCE = 12
NEW_YEAR = datetime.fromisoformat("2026-01-01")
JULY = datetime.fromisoformat("2026-07-01")
TEXTUAL = ("text", "text as objects", "whole", "mixed")
INF = float("inf")


def _of(values: list[Any], dtype: Any = object) -> pd.Series:  # Any: whatever a column may hold
    made: pd.Series = pd.Series((values * ROWS)[:ROWS], dtype=dtype)
    return made


def columns() -> dict[str, pd.Series]:
    days = ["2026-01-01", None, "2026-06-30", "1970-01-01", "2026-12-31"]
    seoul = pd.DatetimeIndex(days).tz_localize("Asia/Seoul")
    return {
        "text": _of(TEXTS, "str"),
        "text as objects": _of(TEXTS),
        "nothing": _of([None], "str"),
        "whole": _of([0, 1, -1, 12, 7], np.int64),
        "whole with gaps": _of([0, None, -1, 12, 2**60], "Int64"),
        "fraction": _of([0.0, -0.0, 1.5, np.nan, INF, -INF, 12.0], np.float64),
        "true or false": _of([True, False, None]),
        "decimal": _of([Decimal("1.5"), Decimal("-1"), None, Decimal("NaN")]),
        "mixed": _of([1, "1", 1.0, True, None, "x", np.nan]),
        "moment": _of(list(pd.DatetimeIndex(days)), "M8[ns]"),
        "moment in µs": _of(list(pd.DatetimeIndex(days)), "M8[us]"),
        "moment in Seoul": _of(list(seoul), seoul.dtype),
        "moments as objects": _of([NEW_YEAR, pd.NaT, None]),
        "date as object": _of([date(2026, 1, 1), None, date(2027, 1, 1)]),
    }


def frame(labels: str = "plain") -> pd.DataFrame:
    made = pd.DataFrame(columns())
    return made.iloc[:0] if labels == "none" else made


PATTERNS = [
    r"^\w+$",
    r"^\d+$",
    r"^x$",
    r"(?=a)a",
    r"(.)\1",
    r"^[가-힣]+$",
    r"(?i)x",
    r"^-?\d",
    "nan",
]
BOUNDS: list[dict[str, Any]] = [
    {"min_value": 0},
    {"max_value": 1.5},
    {"min_value": -1, "max_value": 12, "strict_min": True},
    {"min_value": 0, "max_value": 12, "strict_max": True},
    {"min_value": 0, "max_value": 2**60 - 1, "strict_min": True, "strict_max": True},
    {"min_value": NEW_YEAR, "max_value": JULY},
    {"min_value": NEW_YEAR, "strict_min": True},
    {"max_value": datetime(2026, 6, 30, tzinfo=ZoneInfo("Asia/Seoul"))},
    {"min_value": "2026-01-01"},
    {"min_value": date(2026, 1, 1)},
]
MOSTLY = [{}, {"mostly": 0.4}]


def cases(labels: str = "plain") -> list[Case]:
    """Every case; of a frame without rows every sixth, because there is little to differ about."""
    return _all_cases()[:: 6 if labels == "none" else 1]


def _all_cases() -> list[Case]:
    made: list[tuple[str, dict[str, Any]]] = [
        *(("values_to_be_between", bounds) for bounds in BOUNDS),
        *(("values_to_match_regex", {"regex": pattern}) for pattern in PATTERNS),
        *(("values_to_not_match_regex", {"regex": pattern}) for pattern in PATTERNS[:4]),
        *(
            ("values_to_match_regex_list", {"regex_list": PATTERNS[:3], "match_on": on})
            for on in ("any", "all")
        ),
        ("values_to_not_match_regex_list", {"regex_list": PATTERNS[:2]}),
        *(("values_to_be_in_set", {"value_set": [1, "x", "가나다", 1.5], **m}) for m in MOSTLY),
        ("values_to_be_in_set", {"value_set": [None, "x"]}),
        ("values_to_be_in_set", {"value_set": [NEW_YEAR]}),
        ("values_to_not_be_in_set", {"value_set": [0, "x", "1"]}),
        *(("values_to_not_be_null", m) for m in MOSTLY),
        *(("values_to_be_null", m) for m in MOSTLY),
        *(("values_to_be_unique", m) for m in MOSTLY),
        ("value_lengths_to_equal", {"value": 2}),
        ("value_lengths_to_be_between", {"min_value": 1, "max_value": 3, "strict_min": True}),
        ("value_lengths_to_be_between", {"max_value": 3, "mostly": 0.4}),
        ("values_to_match_strftime_format", {"strftime_format": "%Y-%m-%d"}),
        ("values_to_be_dateutil_parseable", {}),
        ("values_to_be_json_parseable", {}),
        ("values_to_be_increasing", {}),
        ("values_to_be_decreasing", {}),
        ("value_z_scores_to_be_less_than", {"threshold": 1, "double_sided": True}),
        ("values_to_not_be_outliers", {"method": "iqr", "multiplier": 1.5}),
    ]
    names = list(columns())
    of_one: list[Case] = [
        (f"{name}/{what}", f"expect_column_{what}", {"column": name, **arguments})
        for name in names
        for place, (what, arguments) in enumerate(made)
        # Patterns say most about texts; of the rest each column gets its share.
        if name in TEXTUAL or "regex" not in what or place % 4 == 0
    ]
    return of_one + _of_several(names)


def _of_several(names: list[str]) -> list[Case]:
    made: list[Case] = []
    for first, second in [("text", "text as objects"), ("whole", "fraction"), ("text", "nothing")]:
        pair: dict[str, Any] = {"column_A": first, "column_B": second}
        listed: dict[str, Any] = {"column_list": [first, second]}
        for ignored in ("both_values_are_missing", "either_value_is_missing", "neither"):
            given = {**pair, "ignore_row_if": ignored}
            made += [
                ("pair", "expect_column_pair_values_to_be_equal", given),
                ("pair", "expect_column_pair_values_a_to_be_greater_than_b", given),
                (
                    "pair",
                    "expect_column_pair_values_to_be_in_set",
                    {**given, "value_pairs_set": [["x", "x"], [0, 0.0]]},
                ),
            ]
        for ignored in ("all_values_are_missing", "any_value_is_missing", "never"):
            given = {**listed, "ignore_row_if": ignored}
            made += [
                ("list", "expect_compound_columns_to_be_unique", {**given, "mostly": 0.5}),
                ("list", "expect_multicolumn_values_to_be_equal", given),
                ("list", "expect_multicolumn_sum_to_equal", {**given, "sum_total": 0}),
                ("list", "expect_select_column_values_to_be_unique_within_record", given),
            ]
    return made


def stock_answers(labels: str) -> list[Answer]:
    """What the library says, asked case by case in its own way."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    asset = context.data_sources.add_pandas("stock").add_dataframe_asset("stock")
    definition = asset.add_batch_definition_whole_dataframe("all")
    batch = definition.get_batch({"dataframe": frame(labels).reset_index(drop=True)})
    answers: list[Answer] = []
    # The library's graph of metrics grows with the square of what is asked at once.
    for start in range(0, len(cases(labels)), AT_ONCE):
        suite = gx.ExpectationSuite(name="stock")
        part = cases(labels)[start : start + AT_ONCE]
        for place, (_name, kind, kwargs) in enumerate(part):
            configuration = ExpectationConfiguration(type=kind, kwargs=kwargs, meta={"at": place})
            suite.expectations.append(configuration.to_domain_obj())
        ran = batch.validate(suite, result_format={"result_format": "COMPLETE"})
        results: list[Any] = ran.results
        told = {each.expectation_config.meta["at"]: _answer(each) for each in results}
        answers += [told[place] for place in range(len(part))]
    return answers


def _answer(result: Any) -> Answer:  # Any: the library ships no types
    info = result.exception_info
    raised = [info] if "raised_exception" in info else list(info.values())
    broke = any(one["raised_exception"] for one in raised)
    rows = [] if broke or result.success else result.result.get("unexpected_index_list") or []
    return bool(result.success) and not broke, [int(row) for row in rows], broke


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print(json.dumps({labels: stock_answers(labels) for labels in sys.argv[1:]}))
