"""A typed frame as Spark reads it, and which checks mean the same there.

Spark's columns have names of their own (c0, c1 …), because a name such as PM2.5 is a path to it.
NaN and NaT become null, moments are microseconds of UTC. Where a check would mean something else on
Spark, `reason_beside` says why, and the engine in the process judges it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from contributions.quality.catalogue import KINDS, columns_named

if TYPE_CHECKING:
    import pandas as pd

ROW = "place"
EXACT = range(-(2**53), 2**53 + 1)

_ROUNDED = "it rests on a sum of fractions, whose last digit depends on the order of adding"
_ORDER = "it rests on the order of the rows, and Spark keeps none"
_NEAR = "Spark answers it with an approximation or by interpolating otherwise"
_TYPES = "it asks for the type of a column, which has another name in Spark"

#: Checks that Spark never judges, and why.
BESIDE: dict[str, str] = {
    "expect_column_values_to_be_increasing": _ORDER,
    "expect_column_values_to_be_decreasing": _ORDER,
    "expect_no_repeated_block": _ORDER,
    "expect_key_to_have_one_value": "it is an expectation of our own, written for one process",
    "expect_column_value_z_scores_to_be_less_than": _ROUNDED,
    "expect_column_values_to_not_be_outliers": _NEAR,
    "expect_column_mean_to_be_between": _ROUNDED,
    "expect_column_stdev_to_be_between": _ROUNDED,
    "expect_column_sum_to_be_between": _ROUNDED,
    "expect_column_median_to_be_between": _NEAR,
    "expect_column_quantile_values_to_be_between": _NEAR,
    "expect_column_kl_divergence_to_be_less_than": _ROUNDED,
    "expect_column_type_to_be": _TYPES,
    "expect_column_values_to_be_of_type": _TYPES,
    "expect_column_values_to_be_in_type_list": _TYPES,
}
#: Judged by the types of the columns alone, in no time.
OF_THE_FORM = frozenset(
    {
        "expect_column_to_exist",
        "expect_table_column_count_to_equal",
        "expect_table_column_count_to_be_between",
        "expect_table_columns_to_match_set",
        "expect_table_columns_to_match_ordered_list",
    }
)
OF_VALUES = ("expect_column_values", "expect_column_min", "expect_column_max")
#: Two columns are compared only where they are of one of these families.
FAMILIES = {"text": "text", "whole": "number", "fraction": "number", "moment": "moment"}


def families(frame: pd.DataFrame) -> dict[str, str]:
    """Each column's kind of value: text, whole, fraction, flag, moment or other."""
    return {str(name): _family(frame[name]) for name in frame.columns}


def _family(column: pd.Series) -> str:
    import pandas as pd

    kind = column.dtype.kind
    if isinstance(column.dtype, pd.StringDtype):
        return "text"
    if kind == "M" and getattr(column.dtype, "tz", None) is None:
        return "moment"
    if kind == "O":
        held = {type(each) for each in column.to_numpy() if each is not None}
        return "flag" if held and held <= {bool} else "other"
    return {"i": "whole", "f": "fraction", "b": "flag"}.get(kind, "other")


def reason_beside(check: Mapping[str, Any], of: Mapping[str, str]) -> str | None:
    """Why Spark may not judge a check of columns of these families; None where it may."""
    name = str(check["type"])
    kwargs = check.get("kwargs") or {}
    if name in BESIDE:
        return BESIDE[name]
    if name in OF_THE_FORM:
        return "it asks for the columns, not for what they hold"
    found = [of.get(column) for column in columns_named(KINDS[name], kwargs)]
    if None in found:
        return "it names a column that is not there"
    if "other" in found:
        return "a column holds values of several types"
    if len(found) > 1 and ("flag" in found or len({FAMILIES[str(family)] for family in found}) > 1):
        return "it compares columns of different types"
    if name == "expect_multicolumn_sum_to_equal" and set(found) != {"whole"}:
        return _ROUNDED
    return _reason_of_values(name, kwargs, [str(family) for family in found])


def _reason_of_values(name: str, kwargs: Mapping[str, Any], found: Sequence[str]) -> str | None:
    given: list[Any] = []
    for each in kwargs.get("value_set") or []:
        given.append(each)
    for pair in kwargs.get("value_pairs_set") or []:
        given += list(pair)
    given += [kwargs[key] for key in ("min_value", "max_value") if kwargs.get(key) is not None]
    judged = KINDS[name].columns == ("column",)
    if name.startswith("expect_column_value_lengths") or not found:
        given = []
    if name.endswith("_to_be_between") and found[:1] == ["text"] and name.startswith(OF_VALUES):
        return "a text has no bounds"
    if judged and found[0] == "flag" and (given or "unique" in name or "distinct" in name):
        return "true and 1 are one value in the process and two to Spark"
    # 12, 12.0 or 1.2e1, 2026-01-01 with or without 00:00:00: who writes it as text decides.
    if found != ["text"] and KINDS[name].scope == "row" and _reads_text(name):
        return "it reads texts, and the column holds none"
    if any(not _fits(each, found) for each in given) and _counts_values(name):
        return "it compares values of different types"
    return None


def _reads_text(name: str) -> bool:
    return any(part in name for part in ("regex", "lengths", "strftime", "parseable", "schema"))


def _counts_values(name: str) -> bool:
    """Bounds of such a check are shares or counts, not values of the column."""
    return "unique" not in name and "proportion" not in name and "row_count" not in name


def _fits(value: object, found: Sequence[str]) -> bool:
    family = found[0]
    if len({FAMILIES[each] for each in found}) > 1:
        return False
    if family == "text":
        return isinstance(value, str)
    if family == "moment":
        return isinstance(value, str)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    whole = isinstance(value, int) or (np.isfinite(value) and value.is_integer())
    if family == "whole":
        # Spark would compare both as fractions, exact only so far.
        return isinstance(value, int) and abs(value) < 2**63
    return not whole or int(value) in EXACT


def to_arrow(frame: pd.DataFrame) -> tuple[pa.Table, dict[str, str]]:
    """The frame (index 0, 1, 2 …) under Spark's names with its places, and the new name of each.

    Raises pyarrow.ArrowInvalid where a moment is finer than a microsecond.
    """
    names = {str(name): f"c{place}" for place, name in enumerate(frame.columns)}
    of = families(frame)
    columns: dict[str, pa.Array] = {ROW: pa.array(np.arange(len(frame)), pa.int64())}
    for name, short in names.items():
        if of[name] == "other":
            continue
        made = pa.array(frame[name], from_pandas=True)
        if of[name] == "moment":
            made = made.cast(pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC"))
        elif of[name] == "text":
            made = made.cast(pa.string() if made.nbytes < 2**31 else pa.large_string())
        columns[short] = made
    return pa.table(columns), names


def renamed(check: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The same check about Spark's columns."""
    kwargs = dict(check.get("kwargs") or {})
    for argument in KINDS[str(check["type"])].columns:
        given = kwargs.get(argument)
        if isinstance(given, str):
            kwargs[argument] = names[given]
        elif isinstance(given, list):
            kwargs[argument] = [names[each] for each in given]
    return {**check, "kwargs": kwargs}
