"""Great Expectations' own metrics, computed faster, under the names they have in its registry.

A condition on texts is asked once for each distinct text, by the library's own function, and the
answers are spread over the rows; so it cannot differ from the library's, only be quicker. Whole
numbers with gaps and moments are compared as columns, where the library asks row by row. The
registry belongs to the process: importing this module changes it, and loads the library.
"""

from __future__ import annotations

import datetime
import inspect
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
from great_expectations.expectations.metrics.column_map_metrics.column_value_lengths import (
    ColumnValuesValueLength,
    ColumnValuesValueLengthEquals,
)
from great_expectations.expectations.metrics.column_map_metrics.column_values_between import (
    ColumnValuesBetween,
)
from great_expectations.expectations.metrics.column_map_metrics.column_values_dateutil_parseable import (  # noqa: E501
    ColumnValuesDateutilParseable,
)
from great_expectations.expectations.metrics.column_map_metrics.column_values_json_parseable import (  # noqa: E501
    ColumnValuesJsonParseable,
)
from great_expectations.expectations.metrics.column_map_metrics.column_values_match_regex import (
    ColumnValuesMatchRegex,
)
from great_expectations.expectations.metrics.column_map_metrics.column_values_match_regex_list import (  # noqa: E501
    ColumnValuesMatchRegexList,
)
from great_expectations.expectations.metrics.column_map_metrics.column_values_match_strftime_format import (  # noqa: E501
    ColumnValuesMatchStrftimeFormat,
)
from great_expectations.expectations.metrics.column_map_metrics.column_values_not_match_regex import (  # noqa: E501
    ColumnValuesNotMatchRegex,
)
from great_expectations.expectations.metrics.column_map_metrics.column_values_not_match_regex_list import (  # noqa: E501
    ColumnValuesNotMatchRegexList,
)
from great_expectations.expectations.metrics.map_metric_provider.column_condition_partial import (
    column_condition_partial,
)

Judge = Callable[..., Any]  # Any: a series of verdicts, as the library's functions answer

#: Conditions on one text that know nothing of the rows around it.
TEXT_CONDITIONS: tuple[Any, ...] = (  # Any: the library's classes
    ColumnValuesDateutilParseable,
    ColumnValuesJsonParseable,
    ColumnValuesMatchRegex,
    ColumnValuesMatchRegexList,
    ColumnValuesMatchStrftimeFormat,
    ColumnValuesNotMatchRegex,
    ColumnValuesNotMatchRegexList,
)
LENGTHS: tuple[Any, ...] = (ColumnValuesValueLength, ColumnValuesValueLengthEquals)
LENGTH_METRIC = "column_values.value_length.map"
#: Metrics that no longer need what the library computes for them beforehand.
SELF_CONTAINED = frozenset(
    {"column_values.value_length.equals", "column_values.value_length.between"}
)
INT64 = range(-(2**63), 2**63)


def on_distinct(column: pd.Series, judge: Callable[[pd.Series], Any]) -> Any:
    """The verdicts of `judge` on a column without gaps, asked once for each distinct value.

    Only where equal values are equal texts: of objects, 1 and True would be one value, of
    fractions 0.0 and -0.0.
    """
    if not (isinstance(column.dtype, pd.StringDtype) or column.dtype == np.int64):
        return judge(column)
    codes, distinct = pd.factorize(column)
    if len(distinct) * 2 > len(column):
        return judge(column)
    answers = judge(pd.Series(distinct, dtype=column.dtype, name=column.name))
    return pd.Series(np.asarray(answers, np.bool_)[codes], index=column.index, name=column.name)


def _text_condition(stock: Any) -> None:
    """Register a quicker provider in place of a stock one."""
    judge: Judge = inspect.unwrap(stock._pandas)

    def pandas(cls: Any, column: pd.Series, **arguments: Any) -> Any:
        return on_distinct(column, lambda part: judge(cls, part, **arguments))

    name = f"Distinct{stock.__name__}"
    type(stock)(name, (stock,), {"_pandas": _as_condition(pandas), "__module__": __name__})


def _length_condition(stock: Any) -> None:
    judge: Judge = inspect.unwrap(stock._pandas)

    def pandas(cls: Any, column: pd.Series, _metrics: object = None, **arguments: Any) -> Any:
        def on(part: pd.Series) -> Any:
            lengths = part.astype(str).str.len()
            return judge(cls, part, _metrics={LENGTH_METRIC: (lengths, {}, {})}, **arguments)

        return on_distinct(column, on)

    name = f"Distinct{stock.__name__}"
    type(stock)(name, (stock,), {"_pandas": _as_condition(pandas), "__module__": __name__})


def _between() -> None:
    library: Any = ColumnValuesBetween
    stock: Judge = inspect.unwrap(library._pandas)

    def pandas(cls: Any, column: pd.Series, **arguments: Any) -> Any:
        limits = [arguments.get("min_value"), arguments.get("max_value")]
        given = [limit for limit in limits if limit is not None]
        in_order = len(given) < 2 or not given[0] > given[1]
        if given and in_order and _comparable(column, given):
            strict = arguments.get("strict_min"), arguments.get("strict_max")
            try:
                verdicts = cls._pandas_vectorized(column, *limits, *strict)
            except (TypeError, ValueError, OverflowError):
                # Limits out of reach of the column's type: row by row, as the library does.
                return stock(cls, column, **arguments)
            return verdicts.astype(np.bool_)
        return stock(cls, column, **arguments)

    members = {"_pandas": _as_condition(pandas), "__module__": __name__}
    type(library)("ColumnwiseBetween", (library,), members)


def _comparable(column: pd.Series, limits: list[Any]) -> bool:
    """Would comparing whole columns answer exactly as comparing cell by cell does?"""
    if isinstance(column.dtype, pd.Int64Dtype):
        return all(type(limit) is int and limit in INT64 for limit in limits)
    if column.dtype.kind == "M":
        return all(isinstance(limit, datetime.datetime) for limit in limits)
    return False


def _as_condition(function: Judge) -> Judge:
    decorated: Judge = column_condition_partial(engine=PandasExecutionEngine)(function)
    return decorated


@contextmanager
def _quietly() -> Iterator[None]:
    """The registry warns of every replacement, and replacing is what we are here for."""
    logger = logging.getLogger("great_expectations.expectations.registry")
    before, logger.level = logger.level, logging.ERROR
    try:
        yield
    finally:
        logger.setLevel(before)


with _quietly():
    for _stock in TEXT_CONDITIONS:
        _text_condition(_stock)
    for _stock in LENGTHS:
        _length_condition(_stock)
    _between()
