"""Every quality rule that a call may use, in a few words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.formatting import number_text

Document = Mapping[str, Any]  # Any: Great Expectations configurations are JSON
VALUES_SHOWN = 12

#: What is measured by a rule that ends in "… to be between".
_MEASURES = {
    "expect_column_value_lengths_to_be_between": gettext_lazy("Characters: %(range)s"),
    "expect_table_row_count_to_be_between": gettext_lazy("Rows of the file: %(range)s"),
    "expect_table_column_count_to_be_between": gettext_lazy("Columns of the file: %(range)s"),
    "expect_column_min_to_be_between": gettext_lazy("Smallest value: %(range)s"),
    "expect_column_max_to_be_between": gettext_lazy("Largest value: %(range)s"),
    "expect_column_mean_to_be_between": gettext_lazy("Mean: %(range)s"),
    "expect_column_median_to_be_between": gettext_lazy("Median: %(range)s"),
    "expect_column_stdev_to_be_between": gettext_lazy("Standard deviation: %(range)s"),
    "expect_column_sum_to_be_between": gettext_lazy("Sum: %(range)s"),
    "expect_column_unique_value_count_to_be_between": gettext_lazy(
        "Number of different values: %(range)s"
    ),
    "expect_column_proportion_of_unique_values_to_be_between": gettext_lazy(
        "Share of different values: %(range)s"
    ),
    "expect_column_proportion_of_non_null_values_to_be_between": gettext_lazy(
        "Share of filled cells: %(range)s"
    ),
}
#: Rules whose words name one thing of their arguments: the argument and the words around it.
_NAMED = {
    "expect_column_values_to_be_in_set": ("value_set", gettext_lazy("One of: %(named)s")),
    "expect_column_values_to_not_be_in_set": ("value_set", gettext_lazy("None of: %(named)s")),
    "expect_column_distinct_values_to_be_in_set": (
        "value_set",
        gettext_lazy("Only these values: %(named)s"),
    ),
    "expect_column_distinct_values_to_contain_set": (
        "value_set",
        gettext_lazy("Each of these values occurs: %(named)s"),
    ),
    "expect_column_distinct_values_to_equal_set": (
        "value_set",
        gettext_lazy("Exactly these values occur: %(named)s"),
    ),
    "expect_column_most_common_value_to_be_in_set": (
        "value_set",
        gettext_lazy("The most frequent value is one of: %(named)s"),
    ),
    "expect_column_values_to_match_regex": ("regex", gettext_lazy("In the form %(named)s")),
    "expect_column_values_to_not_match_regex": (
        "regex",
        gettext_lazy("Not in the form %(named)s"),
    ),
    "expect_column_values_to_match_regex_list": (
        "regex_list",
        gettext_lazy("In one of the forms %(named)s"),
    ),
    "expect_column_values_to_not_match_regex_list": (
        "regex_list",
        gettext_lazy("In none of the forms %(named)s"),
    ),
    "expect_column_values_to_match_strftime_format": (
        "strftime_format",
        gettext_lazy("A date or time in the form %(named)s"),
    ),
    "expect_column_value_lengths_to_equal": ("value", gettext_lazy("Characters: %(named)s")),
    "expect_column_value_z_scores_to_be_less_than": (
        "threshold",
        gettext_lazy("Fewer than %(named)s standard deviations from the mean"),
    ),
    "expect_column_kl_divergence_to_be_less_than": (
        "threshold",
        gettext_lazy("Distributed as stated, with a divergence below %(named)s"),
    ),
    "expect_column_type_to_be": ("type_", gettext_lazy("Type of the column: %(named)s")),
    "expect_column_values_to_be_of_type": ("type_", gettext_lazy("Type of the column: %(named)s")),
    "expect_column_values_to_be_in_type_list": (
        "type_list",
        gettext_lazy("Type of the column, one of: %(named)s"),
    ),
    "expect_table_row_count_to_equal": ("value", gettext_lazy("Rows of the file: %(named)s")),
    "expect_table_column_count_to_equal": (
        "value",
        gettext_lazy("Columns of the file: %(named)s"),
    ),
    "expect_table_columns_to_match_set": (
        "column_set",
        gettext_lazy("The file has the columns %(named)s"),
    ),
    "expect_table_columns_to_match_ordered_list": (
        "column_list",
        gettext_lazy("The columns stand in this order: %(named)s"),
    ),
    "expect_column_to_exist": ("column", gettext_lazy("The file has the column %(named)s")),
    "expect_compound_columns_to_be_unique": (
        "column_list",
        gettext_lazy("Each combination of %(named)s once"),
    ),
    "expect_select_column_values_to_be_unique_within_record": (
        "column_list",
        gettext_lazy("Different values in one row: %(named)s"),
    ),
    "expect_multicolumn_values_to_be_equal": (
        "column_list",
        gettext_lazy("The same value in one row: %(named)s"),
    ),
    "expect_no_repeated_block": (
        "column_list",
        gettext_lazy("No stretch of values that stays the same or repeats: %(named)s"),
    ),
    "expect_key_to_have_one_value": (
        "column_list",
        gettext_lazy("One value for each key (the last column is the value): %(named)s"),
    ),
}
_PLAIN = {
    "expect_column_values_to_not_be_null": gettext_lazy("Not empty"),
    "expect_column_values_to_be_null": gettext_lazy("Empty"),
    "expect_column_values_to_be_unique": gettext_lazy("Each value once"),
    "expect_column_values_to_be_dateutil_parseable": gettext_lazy("Readable as a date"),
    "expect_column_values_to_be_json_parseable": gettext_lazy("Readable as JSON"),
    "expect_column_values_to_match_json_schema": gettext_lazy("JSON of the stated shape"),
    "expect_column_values_to_not_be_outliers": gettext_lazy("Not far from all other values"),
    "expect_column_values_to_be_increasing": gettext_lazy("Increasing from row to row"),
    "expect_column_values_to_be_decreasing": gettext_lazy("Decreasing from row to row"),
    "expect_column_quantile_values_to_be_between": gettext_lazy("Quantiles in the stated ranges"),
}


def check_text(check: Document) -> str:
    """One quality rule in a few words; an unknown one keeps its technical name."""
    kind, words = check["type"], check.get("kwargs", {})
    if kind == "expect_column_values_to_be_between":
        return range_text(words)
    if kind in _MEASURES:
        return str(_MEASURES[kind]) % {"range": _span(words)}
    if kind in _NAMED:
        argument, text = _NAMED[kind]
        return str(text) % {"named": _listed(words.get(argument))}
    if kind in _PLAIN:
        return str(_PLAIN[kind])
    return _of_two_columns(kind, words) or str(kind).removeprefix("expect_").replace("_", " ")


def range_text(words: Document) -> str:
    """ "Between 0 and 1,000", "At least 0", "At most 1,000", "Any": bounds as they are given."""
    low, high = _figure(words.get("min_value")), _figure(words.get("max_value"))
    if low and high:
        return _("Between %(low)s and %(high)s") % {"low": low, "high": high}
    if low:
        return _("At least %(low)s") % {"low": low}
    if high:
        return _("At most %(high)s") % {"high": high}
    return _("Any")


def _span(words: Document) -> str:
    """ "0 – 1,000", "≥ 0", "≤ 1,000"."""
    low, high = _figure(words.get("min_value")), _figure(words.get("max_value"))
    if low and high:
        return f"{low} – {high}"
    return f"≥ {low}" if low else f"≤ {high}" if high else "–"


def _of_two_columns(kind: str, words: Document) -> str:
    pair = {"a": words.get("column_A", "–"), "b": words.get("column_B", "–")}
    match kind:
        case "expect_column_pair_values_to_be_equal":
            return _("%(a)s equals %(b)s") % pair
        case "expect_column_pair_values_a_to_be_greater_than_b" if words.get("or_equal"):
            return _("%(a)s is not less than %(b)s") % pair
        case "expect_column_pair_values_a_to_be_greater_than_b":
            return _("%(a)s is greater than %(b)s") % pair
        case "expect_column_pair_values_to_be_in_set":
            return _("%(a)s and %(b)s form one of the stated pairs") % pair
        case "expect_multicolumn_sum_to_equal":
            columns = {"columns": _listed(words.get("column_list"))}
            total = {"total": _figure(words.get("sum_total")) or "–"}
            return _("%(columns)s together make %(total)s") % {**columns, **total}
    return ""


def _figure(bound: object) -> str:
    """A bound with its thousands set apart; a date or text as it stands; "" for none."""
    if bound is None:
        return ""
    if isinstance(bound, int) and not isinstance(bound, bool):
        return number_text(bound)
    return str(bound)


def _listed(named: object) -> str:
    if named is None:
        return "–"
    if not isinstance(named, list | tuple):
        return str(named)
    shown = ", ".join(str(each) for each in named[:VALUES_SHOWN])
    return f"{shown} …" if len(named) > VALUES_SHOWN else shown
