"""Conditions of Great Expectations for Spark that mean what they mean on pandas.

Conditions on one text are the library's own pandas functions, run on Spark's executors: Spark's
regular expressions are Java's, and `\\w`, `\\d` and `$` say something else there. Of two columns, a
missing value makes a comparison fail, as on pandas, where Spark would not answer. Importing this
module registers them in place of the stock ones, for this process.
"""

from __future__ import annotations

import inspect
from typing import Any

import pandas as pd
import pyarrow as pa
import pyspark.sql.functions as F
from great_expectations.execution_engine.sparkdf_execution_engine import SparkDFExecutionEngine
from great_expectations.expectations.metrics.column_map_metrics.column_values_match_json_schema import (  # noqa: E501
    ColumnValuesMatchJsonSchema,
)
from great_expectations.expectations.metrics.column_pair_map_metrics.column_pair_values_equal import (  # noqa: E501
    ColumnPairValuesEqual,
)
from great_expectations.expectations.metrics.column_pair_map_metrics.column_pair_values_greater import (  # noqa: E501
    ColumnPairValuesAGreaterThanB,
)
from great_expectations.expectations.metrics.map_metric_provider.column_condition_partial import (
    column_condition_partial,
)
from great_expectations.expectations.metrics.map_metric_provider.column_map_metric_provider import (
    ColumnMapMetricProvider,
)
from great_expectations.expectations.metrics.map_metric_provider.column_pair_condition_partial import (  # noqa: E501
    column_pair_condition_partial,
)
from great_expectations.expectations.metrics.map_metric_provider.multicolumn_condition_partial import (  # noqa: E501
    multicolumn_condition_partial,
)
from great_expectations.expectations.metrics.multicolumn_map_metrics.multicolumn_sum_equal import (
    MulticolumnSumEqual,
)
from pyspark.sql.types import IntegralType

from contributions.quality import providers

STOCK: dict[str, Any] = {  # Any: the library's classes
    each.__name__: each
    for each in (*providers.TEXT_CONDITIONS, *providers.LENGTHS, ColumnValuesMatchJsonSchema)
}


def verdicts(stock: str, cells: pa.Array, arguments: dict[str, Any]) -> pa.Array:
    """Whether each cell meets a condition of the library, by its pandas function; null meets all.

    Runs on an executor, on a part of a column; `stock` names a class of `STOCK`.
    """
    column: pd.Series = cells.to_pandas()
    if pa.types.is_integer(cells.type) and cells.null_count:
        column = pd.Series(pd.array(cells.to_pylist(), dtype="Int64"))
    elif pa.types.is_string(cells.type):
        column = pd.Series(pd.array(cells.to_pylist(), dtype="str"))
    met = pd.Series(True, index=column.index)
    there = column.notna()
    if there.any():
        judge = _judge_of(stock)
        met[there] = pd.array(judge(column[there], arguments), dtype="bool")
    return pa.array(met.to_numpy(dtype="bool"))


def _judge_of(name: str) -> Any:
    stock = STOCK[name]
    function = inspect.unwrap(stock._pandas)

    def on(column: pd.Series, arguments: dict[str, Any]) -> Any:
        def judge(part: pd.Series) -> Any:
            metrics: dict[str, Any] = {}
            if stock in providers.LENGTHS:
                metrics = {providers.LENGTH_METRIC: (part.astype(str).str.len(), {}, {})}
            return function(stock, part, _metrics=metrics, **arguments)

        return list(providers.on_distinct(column, judge))

    return on


def _elsewhere(stock: Any) -> None:
    name = stock.__name__
    keys = stock.condition_value_keys

    def spark(cls: Any, column: Any, **arguments: Any) -> Any:
        given = {key: arguments[key] for key in keys if key in arguments}

        def met(cells: pa.Array) -> pa.Array:
            from contributions.quality.spark_conditions import verdicts

            try:
                return verdicts(name, cells, given)
            except Exception as error:  # its text may quote a cell, and would be written to logs
                raise RuntimeError(type(error).__name__) from None

        # Any: newer than the stubs that come with it.
        functions: Any = F
        return functions.arrow_udf(met, "boolean")(column)

    members: dict[str, Any] = {}
    if stock in providers.LENGTHS:
        # The library would have Spark count characters first; the function counts them itself.
        members["_get_evaluation_dependencies"] = _no_more_than_columns
    _register(stock, column_condition_partial(engine=SparkDFExecutionEngine)(spark), members)


@classmethod  # type: ignore[misc]  # becomes one of each class that is made here
def _no_more_than_columns(cls: Any, metric: Any, **given: Any) -> Any:
    base: Any = ColumnMapMetricProvider._get_evaluation_dependencies
    return base.__func__(cls, metric=metric, **given)


def _register(stock: Any, spark: Any, members: dict[str, Any] | None = None) -> None:
    """A class registers all conditions it has; of this one only Spark's is to be replaced."""
    theirs = {name: None for name, each in inspect.getmembers(stock) if _is_condition(each)}
    made = {**theirs, "_spark": spark, "__module__": __name__, **(members or {})}
    type(stock)(f"Spark{stock.__name__}", (stock,), made)


def _is_condition(member: object) -> bool:
    return hasattr(member, "metric_engine")


def _pairs() -> None:
    def equal(cls: Any, column_A: Any, column_B: Any, **_: Any) -> Any:
        return F.coalesce(column_A == column_B, F.lit(False))

    def greater(cls: Any, column_A: Any, column_B: Any, **arguments: Any) -> Any:
        or_equal = arguments.get("or_equal") or False
        met = column_A >= column_B if or_equal else column_A > column_B
        return F.coalesce(met, F.lit(False))

    for stock, condition in (
        (ColumnPairValuesEqual, equal),
        (ColumnPairValuesAGreaterThanB, greater),
    ):
        _register(stock, column_pair_condition_partial(engine=SparkDFExecutionEngine)(condition))


def _sums() -> None:
    def spark(cls: Any, column_list: Any, **arguments: Any) -> Any:
        total = F.lit(0).cast("decimal(38,0)")
        for name in column_list.columns:
            assert isinstance(column_list.schema[name].dataType, IntegralType)
            total = total + F.col(name).cast("decimal(38,0)")
        return F.coalesce(total == F.lit(arguments["sum_total"]), F.lit(False))

    partial = multicolumn_condition_partial(engine=SparkDFExecutionEngine)
    _register(MulticolumnSumEqual, partial(spark))


with providers._quietly():
    for _stock in STOCK.values():
        _elsewhere(_stock)
    _pairs()
    _sums()
