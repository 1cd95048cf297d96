"""Expectations of our own, registered with Great Expectations beside the ones it ships.

Both take `column_list`: the last column holds the values, those before it say which rows belong
together (a station, a device; a key). Importing this module registers them and loads the library.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd
from great_expectations.compatibility import pydantic
from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import MulticolumnMapExpectation
from great_expectations.expectations.metrics.map_metric_provider.multicolumn_condition_partial import (  # noqa: E501
    multicolumn_condition_partial,
)
from great_expectations.expectations.metrics.map_metric_provider.multicolumn_map_metric_provider import (  # noqa: E501
    MulticolumnMapMetricProvider,
)

from contributions.quality.plausibility import in_contradiction, in_copied_blocks, in_long_runs

DOMAIN = ("batch_id", "table", "column_list", "row_condition", "condition_parser", "ignore_row_if")
ON_PANDAS: Any = multicolumn_condition_partial(engine=PandasExecutionEngine)
Ignored = Literal["all_values_are_missing", "any_value_is_missing", "never"]


def _groups(frame: pd.DataFrame) -> Any:  # Any: codes, one for each row
    names = list(frame.columns[:-1])
    if not names:
        return np.zeros(len(frame), np.int64)
    return frame.groupby(names, sort=False, dropna=False).ngroup().to_numpy()


class NoRepeatedBlock(MulticolumnMapMetricProvider):
    """True for rows that neither stand in a long run nor copy an earlier block of their group."""

    condition_metric_name = "multicolumn_values.no_repeated_block"
    condition_domain_keys = DOMAIN
    condition_value_keys = ("run_length", "block_length", "noise")

    @ON_PANDAS  # type: ignore[untyped-decorator]  # the library ships no types
    def _pandas(cls, column_list: Any, **given: Any) -> Any:
        values = column_list.iloc[:, -1].to_numpy(np.float64, na_value=np.nan)
        repeated = np.zeros(len(values), np.bool_)
        groups = _groups(column_list)
        order = np.argsort(groups, kind="stable")
        for places in np.split(order, np.nonzero(np.diff(groups[order]))[0] + 1):
            series = values[places]
            repeated[places] = in_long_runs(series, int(given["run_length"])) | in_copied_blocks(
                series, int(given["block_length"]), float(given["noise"])
            )
        return pd.Series(~repeated, index=column_list.index)


class KeyHasOneValue(MulticolumnMapMetricProvider):
    """True for rows whose key stands nowhere else with another value."""

    condition_metric_name = "multicolumn_values.key_has_one_value"
    condition_domain_keys = DOMAIN
    condition_value_keys = ()

    @ON_PANDAS  # type: ignore[untyped-decorator]  # the library ships no types
    def _pandas(cls, column_list: Any, **_: Any) -> Any:
        codes, _distinct = pd.factorize(column_list.iloc[:, -1])
        conflicting = in_contradiction(_groups(column_list), codes.astype(np.int64))
        return pd.Series(~conflicting, index=column_list.index)


class ExpectNoRepeatedBlock(MulticolumnMapExpectation):
    """No run of `run_length` equal values, no block of `block_length` that repeats an earlier one.

    `noise` is how far a copy may lie from its original and still be one.
    """

    run_length: int = pydantic.Field(default=8, ge=2)
    block_length: int = pydantic.Field(default=12, ge=4)
    noise: float = pydantic.Field(default=0.0, ge=0)
    ignore_row_if: Ignored = "any_value_is_missing"

    map_metric = "multicolumn_values.no_repeated_block"
    args_keys = ("column_list", "run_length", "block_length", "noise")
    success_keys = ("run_length", "block_length", "noise", "ignore_row_if", "mostly")


class ExpectKeyToHaveOneValue(MulticolumnMapExpectation):
    """The last column of `column_list` has one value for each combination of the others."""

    ignore_row_if: Ignored = "any_value_is_missing"

    map_metric = "multicolumn_values.key_has_one_value"
    args_keys = ("column_list",)
    success_keys = ("ignore_row_if", "mostly")
