"""What each check of the catalogue is called, and what its arguments ask for."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from contributions.findings_text import sentence

#: Titles in the order of the catalogue's groups: one column, several columns, the whole table.
TITLES: dict[str, str] = {
    "expect_column_values_to_be_between": _("Values lie between two bounds"),
    "expect_column_value_lengths_to_be_between": _("Texts have a length between two bounds"),
    "expect_column_value_lengths_to_equal": _("Texts have one length"),
    "expect_column_values_to_be_in_set": _("Values are of a list"),
    "expect_column_values_to_not_be_in_set": _("Values are not of a list"),
    "expect_column_values_to_be_null": _("Cells are empty"),
    "expect_column_values_to_not_be_null": _("Cells are not empty"),
    "expect_column_values_to_be_unique": _("Each value stands once"),
    "expect_column_values_to_match_regex": _("Texts have a form"),
    "expect_column_values_to_not_match_regex": _("Texts do not have a form"),
    "expect_column_values_to_match_regex_list": _("Texts have one of several forms"),
    "expect_column_values_to_not_match_regex_list": _("Texts have none of several forms"),
    "expect_column_values_to_match_strftime_format": _("Dates are written in one way"),
    "expect_column_values_to_be_dateutil_parseable": _("Texts can be read as dates"),
    "expect_column_values_to_be_json_parseable": _("Texts can be read as JSON"),
    "expect_column_values_to_match_json_schema": _("JSON texts fit a schema"),
    "expect_column_values_to_not_be_outliers": _("Values are no outliers"),
    "expect_column_values_to_be_increasing": _("Values rise from row to row"),
    "expect_column_values_to_be_decreasing": _("Values fall from row to row"),
    "expect_column_value_z_scores_to_be_less_than": _("Values stay within a number of deviations"),
    "expect_column_pair_values_a_to_be_greater_than_b": _("One column is above another"),
    "expect_column_pair_values_to_be_equal": _("Two columns are equal"),
    "expect_column_pair_values_to_be_in_set": _("Pairs of two columns are of a list"),
    "expect_compound_columns_to_be_unique": _("Each combination of columns stands once"),
    "expect_select_column_values_to_be_unique_within_record": _("Columns of a row differ"),
    "expect_multicolumn_sum_to_equal": _("Columns of a row add up to a sum"),
    "expect_multicolumn_values_to_be_equal": _("Columns of a row are equal"),
    "expect_no_repeated_block": _("No block of values is repeated"),
    "expect_key_to_have_one_value": _("Equal keys have one value"),
    "expect_column_to_exist": _("A column exists"),
    "expect_table_row_count_to_be_between": _("The number of rows lies between two bounds"),
    "expect_table_row_count_to_equal": _("The number of rows is fixed"),
    "expect_table_column_count_to_equal": _("The number of columns is fixed"),
    "expect_table_column_count_to_be_between": _("The number of columns lies between two bounds"),
    "expect_table_columns_to_match_set": _("The columns are those of a list"),
    "expect_table_columns_to_match_ordered_list": _("The columns are those of a list, in order"),
    "expect_column_min_to_be_between": _("The smallest value lies between two bounds"),
    "expect_column_max_to_be_between": _("The largest value lies between two bounds"),
    "expect_column_mean_to_be_between": _("The mean lies between two bounds"),
    "expect_column_median_to_be_between": _("The median lies between two bounds"),
    "expect_column_stdev_to_be_between": _("The standard deviation lies between two bounds"),
    "expect_column_sum_to_be_between": _("The sum lies between two bounds"),
    "expect_column_quantile_values_to_be_between": _("Quantiles lie between bounds"),
    "expect_column_unique_value_count_to_be_between": _(
        "The number of different values lies between two bounds"
    ),
    "expect_column_proportion_of_unique_values_to_be_between": _(
        "The share of different values lies between two bounds"
    ),
    "expect_column_proportion_of_non_null_values_to_be_between": _(
        "The share of filled cells lies between two bounds"
    ),
    "expect_column_distinct_values_to_be_in_set": _("The different values are of a list"),
    "expect_column_distinct_values_to_contain_set": _("The different values hold a list"),
    "expect_column_distinct_values_to_equal_set": _("The different values are exactly a list"),
    "expect_column_most_common_value_to_be_in_set": _("The most common value is of a list"),
    "expect_column_kl_divergence_to_be_less_than": _("The distribution is near to a known one"),
    "expect_column_type_to_be": _("The column has a type"),
    "expect_column_values_to_be_of_type": _("The values have a type"),
    "expect_column_values_to_be_in_type_list": _("The values have one of several types"),
}

ARGUMENTS: dict[str, str] = {
    "column": _("Column"),
    "column_A": _("First column"),
    "column_B": _("Second column"),
    "column_list": _("Columns, one per line"),
    "column_set": _("Columns, one per line"),
    "column_index": _("Place of the column, counted from 0"),
    "value_set": _("Values, one per line"),
    "value_pairs_set": _("Pairs, one per line, the two values with | between them"),
    "regex": _("Form (regular expression)"),
    "regex_list": _("Forms (regular expressions), one per line"),
    "match_on": _("Has to match: any or all"),
    "type_": _("Name of the type"),
    "type_list": _("Names of types, one per line"),
    "min_value": _("Lowest"),
    "max_value": _("Highest"),
    "strict_min": _("The lowest itself does not count"),
    "strict_max": _("The highest itself does not count"),
    "mostly": _("Share of rows that has to hold, 0 to 1"),
    "ignore_row_if": _("Which empty cells are left out"),
    "value": _("Number wanted"),
    "sum_total": _("Sum wanted"),
    "threshold": _("Threshold"),
    "double_sided": _("On both sides"),
    "strictly": _("Equal neighbours are not allowed"),
    "or_equal": _("Equal values are allowed"),
    "exact_match": _("No other columns are allowed"),
    "ties_okay": _("Ties are allowed"),
    "allow_relative_error": _("An approximation is enough"),
    "bucketize_data": _("Values are put into buckets"),
    "strftime_format": _("Form of the date, such as %Y-%m-%d"),
    "json_schema": _("JSON Schema"),
    "partition_object": _("Distribution to compare with (JSON)"),
    "quantile_ranges": _("One quantile per line: quantile, lowest, highest"),
    "internal_weight_holdout": _("Weight held out inside"),
    "tail_weight_holdout": _("Weight held out at the ends"),
    "method": _("Method: iqr or std"),
    "multiplier": _("Multiple of the spread that is still usual"),
    "run_length": _("Length of a run"),
    "block_length": _("Length of a block"),
    "noise": _("Difference that still counts as equal"),
}

SEVERITIES: dict[str, str] = {
    "critical": _("Critical: the row is set aside"),
    "warning": _("Warning: the row loses value"),
    "info": _("Information: only reported"),
}


def check_title(name: str) -> str:
    """What a check is called; its technical name where it is not of the catalogue."""
    title = TITLES.get(name)
    return gettext(title) if title else name


def rule_text(rule: str) -> str:
    """What a rule is about: the title of a check, or what its sentence says is wrong."""
    if rule in TITLES:
        return check_title(rule)
    return sentence(rule).split(". ")[0].rstrip(".")


def argument_label(name: str) -> str:
    """What an argument of a check asks for."""
    label = ARGUMENTS.get(name)
    return gettext(label) if label else name
