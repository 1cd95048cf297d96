"""`python quality_engines.py ours|stock|polars FILE`: judge a file, print the seconds.

The checks lie beside the file. Seconds are the median of runs that are warm, as a worker has
them; reading the file is not counted.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Checks = list[dict[str, Any]]  # Any: Great Expectations' own configuration
Judge = Callable[[], list[int]]
TIMES = 3


def ours(file: Path, checks: Checks) -> Judge:
    import pandas as pd

    from contributions.quality import engine

    frame = pd.read_parquet(file)

    def judge() -> list[int]:
        outcome = engine.run(frame, checks=checks, suite_id="benchmark")
        assert outcome.set_aside.size == len(frame)
        return [result.failing for result in outcome.results]

    return judge


def stock(file: Path, checks: Checks) -> Judge:
    import great_expectations as gx
    import pandas as pd
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    asset = context.data_sources.add_pandas("bench").add_dataframe_asset("bench")
    definition = asset.add_batch_definition_whole_dataframe("all")
    suite = gx.ExpectationSuite(name="bench")
    for place, check in enumerate(checks):
        configuration = ExpectationConfiguration(
            type=check["type"], kwargs=check["kwargs"], meta={"place": place}
        )
        suite.add_expectation(configuration.to_domain_obj())
    frame = pd.read_parquet(file)

    def judge() -> list[int]:
        batch = definition.get_batch({"dataframe": frame})
        results: list[Any] = batch.validate(suite, result_format="COMPLETE").results
        results.sort(key=lambda each: each.expectation_config.meta["place"])
        return [int(each.result.get("unexpected_count") or 0) for each in results]

    return judge


def polars(file: Path, checks: Checks) -> Judge:
    # Found only in the virtual environment that the benchmark makes.
    pl: Any = importlib.import_module("polars")

    frame = pl.read_parquet(file)

    def wrong(check: dict[str, Any]) -> Any:  # Any: a polars expression
        kind, given = check["type"].removeprefix("expect_column_"), check["kwargs"]
        column = pl.col(given["column"])
        if kind == "values_to_not_be_null":
            return column.is_null() | (column.is_nan() if _is_float(given["column"]) else False)
        if kind == "values_to_be_between":
            low, high = given.get("min_value"), given.get("max_value")
            filled = column.fill_nan(None) if _is_float(given["column"]) else column
            return ~filled.is_between(
                -float("inf") if low is None else low, float("inf") if high is None else high
            )
        if kind == "values_to_be_in_set":
            return ~column.is_in(given["value_set"])
        if kind == "values_to_match_regex":
            return ~column.str.contains(given["regex"])
        if kind == "value_lengths_to_be_between":
            return ~column.str.len_chars().is_between(given["min_value"], given["max_value"])
        raise ValueError(kind)

    def _is_float(name: str) -> bool:
        return bool(frame.schema[name].is_float())

    def judge() -> list[int]:
        masks = frame.select(
            wrong(check).fill_null(value=False).alias(str(place))
            for place, check in enumerate(checks)
        )
        reasons = masks.select(
            pl.sum_horizontal(
                pl.col(str(place)).cast(pl.UInt32) * (1 << place) for place in range(len(checks))
            )
        )
        assert reasons.height == frame.height
        return [int(count) for count in masks.sum().row(0)]

    return judge


def main() -> None:
    judge_of: dict[str, Callable[[Path, Checks], Judge]] = {
        "ours": ours,
        "stock": stock,
        "polars": polars,
    }
    file = Path(sys.argv[2])
    checks: Checks = json.loads(file.with_name("checks.json").read_text())
    judge = judge_of[sys.argv[1]](file, checks)
    judge()
    seconds = []
    for _time in range(TIMES):
        start = time.perf_counter()
        failing = judge()
        seconds.append(time.perf_counter() - start)
    print(json.dumps({"seconds": sorted(seconds)[TIMES // 2], "failing": failing}))


if __name__ == "__main__":
    main()
