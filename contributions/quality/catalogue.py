"""The expectations a call may use, and what each needs; known here without importing the engine.

`row` checks name the rows that fail; `table` checks judge the file as a whole. What the library
ships and a call may not use stands in `REFUSED`, each with its reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Scope = Literal["row", "table"]


@dataclass(frozen=True)
class Kind:
    """`columns`: arguments naming columns; `needs`: all of them; `one_of`: at least one."""

    scope: Scope
    columns: tuple[str, ...] = ("column",)
    needs: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    may: tuple[str, ...] = ()

    def arguments(self) -> frozenset[str]:
        return frozenset((*self.columns, *self.needs, *self.one_of, *self.may))


BOUNDS = ("min_value", "max_value")
STRICT = ("strict_min", "strict_max")
MOSTLY = ("mostly",)
PAIR = ("column_A", "column_B")
IGNORE = ("mostly", "ignore_row_if")

KINDS: dict[str, Kind] = {
    "expect_column_values_to_be_between": Kind("row", one_of=BOUNDS, may=(*STRICT, *MOSTLY)),
    "expect_column_value_lengths_to_be_between": Kind("row", one_of=BOUNDS, may=(*STRICT, *MOSTLY)),
    "expect_column_value_lengths_to_equal": Kind("row", needs=("value",), may=MOSTLY),
    "expect_column_values_to_be_in_set": Kind("row", needs=("value_set",), may=MOSTLY),
    "expect_column_values_to_not_be_in_set": Kind("row", needs=("value_set",), may=MOSTLY),
    "expect_column_values_to_be_null": Kind("row", may=MOSTLY),
    "expect_column_values_to_not_be_null": Kind("row", may=MOSTLY),
    "expect_column_values_to_be_unique": Kind("row", may=MOSTLY),
    "expect_column_values_to_match_regex": Kind("row", needs=("regex",), may=MOSTLY),
    "expect_column_values_to_not_match_regex": Kind("row", needs=("regex",), may=MOSTLY),
    "expect_column_values_to_match_regex_list": Kind(
        "row", needs=("regex_list",), may=("match_on", *MOSTLY)
    ),
    "expect_column_values_to_not_match_regex_list": Kind("row", needs=("regex_list",), may=MOSTLY),
    "expect_column_values_to_match_strftime_format": Kind(
        "row", needs=("strftime_format",), may=MOSTLY
    ),
    "expect_column_values_to_be_dateutil_parseable": Kind("row", may=MOSTLY),
    "expect_column_values_to_be_json_parseable": Kind("row", may=MOSTLY),
    "expect_column_values_to_match_json_schema": Kind("row", needs=("json_schema",), may=MOSTLY),
    "expect_column_values_to_not_be_outliers": Kind("row", may=("method", "multiplier", *MOSTLY)),
    "expect_column_values_to_be_increasing": Kind("row", may=("strictly", *MOSTLY)),
    "expect_column_values_to_be_decreasing": Kind("row", may=("strictly", *MOSTLY)),
    "expect_column_value_z_scores_to_be_less_than": Kind(
        "row", needs=("threshold", "double_sided"), may=MOSTLY
    ),
    "expect_column_pair_values_a_to_be_greater_than_b": Kind(
        "row", columns=PAIR, may=("or_equal", *IGNORE)
    ),
    "expect_column_pair_values_to_be_equal": Kind("row", columns=PAIR, may=IGNORE),
    "expect_column_pair_values_to_be_in_set": Kind(
        "row", columns=PAIR, needs=("value_pairs_set",), may=IGNORE
    ),
    "expect_compound_columns_to_be_unique": Kind("row", columns=("column_list",), may=IGNORE),
    "expect_select_column_values_to_be_unique_within_record": Kind(
        "row", columns=("column_list",), may=IGNORE
    ),
    "expect_multicolumn_sum_to_equal": Kind(
        "row", columns=("column_list",), needs=("sum_total",), may=IGNORE
    ),
    "expect_multicolumn_values_to_be_equal": Kind("row", columns=("column_list",), may=IGNORE),
    "expect_column_to_exist": Kind("table", may=("column_index",)),
    "expect_table_row_count_to_be_between": Kind("table", columns=(), one_of=BOUNDS, may=STRICT),
    "expect_table_row_count_to_equal": Kind("table", columns=(), needs=("value",)),
    "expect_table_column_count_to_equal": Kind("table", columns=(), needs=("value",)),
    "expect_table_column_count_to_be_between": Kind("table", columns=(), one_of=BOUNDS),
    "expect_table_columns_to_match_set": Kind(
        "table", columns=("column_set",), may=("exact_match",)
    ),
    "expect_table_columns_to_match_ordered_list": Kind("table", columns=("column_list",)),
    "expect_column_min_to_be_between": Kind("table", one_of=BOUNDS, may=STRICT),
    "expect_column_max_to_be_between": Kind("table", one_of=BOUNDS, may=STRICT),
    "expect_column_mean_to_be_between": Kind("table", one_of=BOUNDS, may=STRICT),
    "expect_column_median_to_be_between": Kind("table", one_of=BOUNDS, may=STRICT),
    "expect_column_stdev_to_be_between": Kind("table", one_of=BOUNDS, may=STRICT),
    "expect_column_sum_to_be_between": Kind("table", one_of=BOUNDS, may=STRICT),
    "expect_column_quantile_values_to_be_between": Kind(
        "table", needs=("quantile_ranges",), may=("allow_relative_error",)
    ),
    "expect_column_unique_value_count_to_be_between": Kind("table", one_of=BOUNDS, may=STRICT),
    "expect_column_proportion_of_unique_values_to_be_between": Kind(
        "table", one_of=BOUNDS, may=STRICT
    ),
    "expect_column_proportion_of_non_null_values_to_be_between": Kind(
        "table", one_of=BOUNDS, may=STRICT
    ),
    "expect_column_distinct_values_to_be_in_set": Kind("table", needs=("value_set",)),
    "expect_column_distinct_values_to_contain_set": Kind("table", needs=("value_set",)),
    "expect_column_distinct_values_to_equal_set": Kind("table", needs=("value_set",)),
    "expect_column_most_common_value_to_be_in_set": Kind(
        "table", needs=("value_set",), may=("ties_okay",)
    ),
    "expect_column_kl_divergence_to_be_less_than": Kind(
        "table",
        needs=("partition_object", "threshold"),
        may=("internal_weight_holdout", "tail_weight_holdout", "bucketize_data"),
    ),
    # A typed column has one type, so these judge the column, not its rows.
    "expect_column_type_to_be": Kind("table", needs=("type_",)),
    "expect_column_values_to_be_of_type": Kind("table", needs=("type_",), may=MOSTLY),
    "expect_column_values_to_be_in_type_list": Kind("table", needs=("type_list",), may=MOSTLY),
}

#: Expectations of our own (`own_expectations`): of `column_list` the last column holds the values.
OWN: dict[str, Kind] = {
    "expect_no_repeated_block": Kind(
        "row", columns=("column_list",), may=("run_length", "block_length", "noise", *IGNORE)
    ),
    "expect_key_to_have_one_value": Kind("row", columns=("column_list",), may=IGNORE),
}
KINDS |= OWN

_SQL_PATTERN = "it needs an SQL database; use a regular expression instead"
_QUERY = "it runs a query, and a contribution is judged without a database"

#: What the library ships and no call may use, and why.
REFUSED: dict[str, str] = {
    "expect_column_values_to_match_like_pattern": _SQL_PATTERN,
    "expect_column_values_to_match_like_pattern_list": _SQL_PATTERN,
    "expect_column_values_to_not_match_like_pattern": _SQL_PATTERN,
    "expect_column_values_to_not_match_like_pattern_list": _SQL_PATTERN,
    "expect_multicolumn_values_to_be_unique": (
        "the library withdrew it; use expect_select_column_values_to_be_unique_within_record"
    ),
    "expect_query_results_to_match_comparison": _QUERY,
    "expect_table_row_count_to_equal_other_table": (
        "it compares with another table, and a contribution stands alone"
    ),
    "unexpected_rows_expectation": _QUERY,
}


def columns_named(kind: Kind, kwargs: dict[str, object]) -> list[str]:
    """Every column that the arguments of a check name."""
    names: list[str] = []
    for argument in kind.columns:
        value = kwargs.get(argument)
        if isinstance(value, str):
            names.append(value)
        elif isinstance(value, list):
            names.extend(str(each) for each in value)
    return names
