"""For every expectation on offer: arguments that the sample frame meets, and some that it fails.

A marker stands in the frame wherever a text may stand, so that a leak of values can be seen.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

MARKER = "MARKER-4711"
DAYS = ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"]
MARKED_NUMBER = 86_753_091.5

Arguments = dict[str, object]


def sample() -> pd.DataFrame:
    texts: dict[str, list[str | None]] = {
        "s": ["x", "y", "x", MARKER],
        "same": ["x", "y", "x", MARKER],
        "u": ["a", "bb", "c", MARKER],
        "day": [*DAYS],
        "json": ['{"a": 1}', '{"a": 2}', '{"a": 3}', f'{{"a": "{MARKER}"}}'],
        "gap": ["x", None, "y", MARKER],
        "none": [None, None, None, None],
        "site": ["t", "t", "t", "t"],
    }
    frame = pd.DataFrame({name: pd.Series(values, dtype="str") for name, values in texts.items()})
    frame["n"] = [1.0, 2.0, 3.0, 4.0]
    frame["m"] = [1.0, 2.0, 3.0, MARKED_NUMBER]
    frame["flat"] = [7.0, 7.0, 7.0, 8.0]
    frame["down"] = [4.0, 3.0, 2.0, 1.0]
    frame["moment"] = np.array(DAYS, "M8[ns]")
    return frame


COLUMNS: list[object] = list(sample().columns)
SHARES: Arguments = {"values": ["x", "y", MARKER], "weights": [0.5, 0.25, 0.25]}
SKEWED: Arguments = {"values": ["x", "y", MARKER], "weights": [0.1, 0.1, 0.8]}
QUARTERS: Arguments = {"quantiles": [0.5], "value_ranges": [[1, 4]]}
HIGH: Arguments = {"quantiles": [0.5], "value_ranges": [[5, 9]]}
OBJECT: Arguments = {"type": "object"}
WITH_NUMBER: Arguments = {"type": "object", "properties": {"a": {"type": "number"}}}

N: Arguments = {"column": "n"}
M: Arguments = {"column": "m"}
S: Arguments = {"column": "s"}
U: Arguments = {"column": "u"}
BOTH: Arguments = {"column_A": "s", "column_B": "same"}
APART: Arguments = {"column_A": "s", "column_B": "u"}

#: expectation: (met, not met)
EXAMPLES: dict[str, tuple[Arguments, Arguments]] = {
    "expect_column_values_to_be_between": (N | {"max_value": 4}, M | {"max_value": 4}),
    "expect_column_value_lengths_to_be_between": (U | {"max_value": 20}, U | {"max_value": 2}),
    "expect_column_value_lengths_to_equal": ({"column": "day", "value": 10}, U | {"value": 1}),
    "expect_column_values_to_be_in_set": (
        S | {"value_set": ["x", "y", MARKER]},
        S | {"value_set": ["x", "y"]},
    ),
    "expect_column_values_to_not_be_in_set": (S | {"value_set": ["q"]}, S | {"value_set": ["x"]}),
    "expect_column_values_to_be_null": ({"column": "none"}, S),
    "expect_column_values_to_not_be_null": (S, {"column": "gap"}),
    "expect_column_values_to_be_unique": (U, S),
    "expect_column_values_to_match_regex": (S | {"regex": "."}, S | {"regex": "^.$"}),
    "expect_column_values_to_not_match_regex": (S | {"regex": "q"}, S | {"regex": "MARK"}),
    "expect_column_values_to_match_regex_list": (
        S | {"regex_list": ["^.$", "MARK"], "match_on": "any"},
        S | {"regex_list": ["^.$", "x"], "match_on": "all"},
    ),
    "expect_column_values_to_not_match_regex_list": (
        S | {"regex_list": ["q", "z"]},
        S | {"regex_list": ["q", "MARK"]},
    ),
    "expect_column_values_to_match_strftime_format": (
        {"column": "day", "strftime_format": "%Y-%m-%d"},
        S | {"strftime_format": "%Y-%m-%d"},
    ),
    "expect_column_values_to_be_dateutil_parseable": ({"column": "day"}, S),
    "expect_column_values_to_be_json_parseable": ({"column": "json"}, S),
    "expect_column_values_to_match_json_schema": (
        {"column": "json", "json_schema": OBJECT},
        {"column": "json", "json_schema": WITH_NUMBER},
    ),
    "expect_column_values_to_not_be_outliers": (
        N | {"method": "iqr", "multiplier": 1.5},
        M | {"method": "iqr", "multiplier": 1.5},
    ),
    "expect_column_values_to_be_increasing": (N, {"column": "down"}),
    "expect_column_values_to_be_decreasing": ({"column": "down"}, M),
    "expect_column_value_z_scores_to_be_less_than": (
        M | {"threshold": 3, "double_sided": True},
        M | {"threshold": 1, "double_sided": True},
    ),
    "expect_column_pair_values_a_to_be_greater_than_b": (
        {"column_A": "m", "column_B": "n", "or_equal": True},
        {"column_A": "n", "column_B": "m"},
    ),
    "expect_column_pair_values_to_be_equal": (BOTH, APART),
    "expect_column_pair_values_to_be_in_set": (
        BOTH | {"value_pairs_set": [["x", "x"], ["y", "y"], [MARKER, MARKER]]},
        BOTH | {"value_pairs_set": [["x", "x"]]},
    ),
    "expect_compound_columns_to_be_unique": (
        {"column_list": ["s", "u"]},
        {"column_list": ["s", "same"]},
    ),
    "expect_select_column_values_to_be_unique_within_record": (
        {"column_list": ["s", "day"]},
        {"column_list": ["s", "same"]},
    ),
    "expect_multicolumn_sum_to_equal": (
        {"column_list": ["n", "down"], "sum_total": 5},
        {"column_list": ["m", "n"], "sum_total": 5},
    ),
    "expect_multicolumn_values_to_be_equal": (
        {"column_list": ["s", "same"]},
        {"column_list": ["s", "u"]},
    ),
    "expect_column_to_exist": ({"column": "s"}, {"column": "s", "column_index": 3}),
    "expect_table_row_count_to_be_between": ({"min_value": 4}, {"min_value": 5}),
    "expect_table_row_count_to_equal": ({"value": 4}, {"value": 5}),
    "expect_table_column_count_to_equal": ({"value": len(COLUMNS)}, {"value": 1}),
    "expect_table_column_count_to_be_between": ({"min_value": 2}, {"max_value": 2}),
    "expect_table_columns_to_match_set": ({"column_set": COLUMNS}, {"column_set": ["s"]}),
    "expect_table_columns_to_match_ordered_list": (
        {"column_list": COLUMNS},
        {"column_list": COLUMNS[::-1]},
    ),
    "expect_column_min_to_be_between": (M | {"min_value": 1}, M | {"min_value": 2}),
    "expect_column_max_to_be_between": (N | {"max_value": 4}, M | {"max_value": 4}),
    "expect_column_mean_to_be_between": (N | {"max_value": 4}, M | {"max_value": 4}),
    "expect_column_median_to_be_between": (N | {"max_value": 4}, M | {"max_value": 1}),
    "expect_column_stdev_to_be_between": (N | {"max_value": 4}, M | {"max_value": 4}),
    "expect_column_sum_to_be_between": (N | {"max_value": 10}, M | {"max_value": 10}),
    "expect_column_quantile_values_to_be_between": (
        N | {"quantile_ranges": QUARTERS},
        M | {"quantile_ranges": HIGH},
    ),
    "expect_column_unique_value_count_to_be_between": (S | {"max_value": 3}, U | {"max_value": 3}),
    "expect_column_proportion_of_unique_values_to_be_between": (
        U | {"min_value": 1},
        S | {"min_value": 1},
    ),
    "expect_column_proportion_of_non_null_values_to_be_between": (
        S | {"min_value": 1},
        {"column": "gap", "min_value": 1},
    ),
    "expect_column_distinct_values_to_be_in_set": (
        S | {"value_set": ["x", "y", MARKER]},
        S | {"value_set": ["x"]},
    ),
    "expect_column_distinct_values_to_contain_set": (
        S | {"value_set": ["x"]},
        S | {"value_set": ["q"]},
    ),
    "expect_column_distinct_values_to_equal_set": (
        S | {"value_set": ["x", "y", MARKER]},
        S | {"value_set": ["x"]},
    ),
    "expect_column_most_common_value_to_be_in_set": (
        S | {"value_set": ["x"]},
        U | {"value_set": ["a"]},
    ),
    "expect_column_kl_divergence_to_be_less_than": (
        S | {"partition_object": SHARES, "threshold": 0.1},
        S | {"partition_object": SKEWED, "threshold": 0.1},
    ),
    "expect_column_type_to_be": (N | {"type_": "float64"}, S | {"type_": "float64"}),
    "expect_column_values_to_be_of_type": (N | {"type_": "float64"}, S | {"type_": "float64"}),
    "expect_column_values_to_be_in_type_list": (
        N | {"type_list": ["float64", "int64"]},
        S | {"type_list": ["float64"]},
    ),
    "expect_no_repeated_block": (
        {"column_list": ["site", "n"], "run_length": 2},
        {"column_list": ["site", "flat"], "run_length": 3},
    ),
    "expect_key_to_have_one_value": (
        {"column_list": ["s", "same"]},
        {"column_list": ["s", "u"]},
    ),
}
