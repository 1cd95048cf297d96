"""The checks of one very large file, judged by Great Expectations' own engine for Spark.

Same verdicts, counts and errors as `engine` gives; what would differ is judged there (see
`spark_columns.reason_beside`). Spark answers places of failing rows and counts: no value that
failed is collected. Whatever breaks on Spark is asked again in the process, so that an exception is
never taken for a verdict.
"""

from __future__ import annotations

import functools
import logging
import operator
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from contributions.parts import Told, untold
from contributions.quality import direct, engine
from contributions.quality.catalogue import KINDS
from contributions.quality.engine import Findings
from contributions.quality.outcome import QualityOutcome
from contributions.quality.spark_columns import (
    ROW,
    families,
    reason_beside,
    renamed,
    to_arrow,
)

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger(__name__)

Check = Mapping[str, object]
Session = Any  # pyspark's; imported by whoever uses it alone
#: Rows of one part of the file that Spark reads: what one task takes at once.
PART = 250_000
#: Checks told apart in one number for each row.
AT_ONCE = 60
WITHOUT_VALUES = {"result_format": "BOOLEAN_ONLY"}


@contextmanager
def session(master: str) -> Iterator[Session]:
    """A session on `master` ("local[2]", "spark://host:7077" …), stopped at the end.

    Raises ImportError without pyspark, and what pyspark raises without Java or its master.
    """
    from pyspark.sql import SparkSession

    # Executors run our conditions, so they need a Python that has them.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master(master).appName("Dure quality checks")
    options = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "100000",
        # What Spark writes about an exception may quote the cell that raised it.
        "spark.log.level": "OFF",
    }
    if master.startswith("local"):
        options |= {
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.sql.shuffle.partitions": "4",
        }
    for key, value in options.items():
        builder = builder.config(key, value)
    made = builder.getOrCreate()
    try:
        yield made
    finally:
        _end(made)


def _end(made: Session) -> None:
    """Stop the session and its Java process, which would else stay with this worker."""
    from pyspark import SparkContext

    context: Any = SparkContext
    gateway = context._gateway
    made.stop()
    if gateway is None:
        return
    gateway.shutdown()
    context._gateway = context._jvm = None
    process = getattr(gateway, "proc", None)
    if process is not None:
        process.stdin.close()
        process.wait(timeout=30)


def run(
    frame: pd.DataFrame,
    *,
    checks: Sequence[Check],
    suite_id: str,
    spark: Session,
    folder: Path | None = None,
    told: Told = untold,
) -> QualityOutcome:
    """As `engine.run`, on a Spark session. `folder` must be one that the executors see too."""
    judge = functools.partial(_judge, spark=spark, folder=folder, told=told)
    return engine.run(frame, checks=checks, suite_id=suite_id, judge=judge)


def _judge(
    frame: pd.DataFrame,
    checks: Sequence[Check],
    suite_id: str,
    *,
    spark: Session,
    folder: Path | None,
    told: Told,
) -> tuple[dict[int, Findings], dict[int, str]]:
    engine.warm()
    of = families(frame)
    here = [place for place, check in enumerate(checks) if reason_beside(check, of) is None]
    found: dict[int, Findings] = {}
    if here:
        with tempfile.TemporaryDirectory(prefix="dure-spark-", dir=folder) as made:
            asked = {place: checks[place] for place in here}
            found = _on_spark(
                frame, asked, spark, Path(made), lambda judged, _asked: told(judged, len(checks))
            )
    left = [place for place in range(len(checks)) if place not in found]
    unbuildable: dict[int, str] = {}
    if left:
        again, errors = engine.in_process(frame, [checks[place] for place in left], suite_id)
        found |= {left[place]: each for place, each in again.items()}
        unbuildable = {left[place]: code for place, code in errors.items()}
    return found, unbuildable


def _on_spark(
    frame: pd.DataFrame,
    checks: Mapping[int, Check],
    spark: Session,
    folder: Path,
    told: Told = untold,
) -> dict[int, Findings]:
    """What Spark could judge; places that are missing have to be asked elsewhere."""
    from great_expectations.execution_engine.sparkdf_execution_engine import (
        SparkDFExecutionEngine,
    )

    from contributions.quality import spark_conditions  # noqa: F401 - registers its conditions

    try:
        table, names = to_arrow(frame)
    except pa.ArrowInvalid:  # such as a moment that is finer than Spark's
        return {}
    file = folder / "rows.parquet"
    pq.write_table(table, file, row_group_size=PART)
    del table
    rows = spark.read.parquet(str(file))
    library = SparkDFExecutionEngine(spark=spark, batch_data_dict={"rows": rows}, persist=True)
    moments = frozenset(names[name] for name, kind in families(frame).items() if kind == "moment")
    asked = [{**renamed(check, names), "place": place} for place, check in checks.items()]
    found: dict[int, Findings] = {}
    try:
        expectations, _errors = engine.expectations_of(asked, moments, utc=True)
        by_row: dict[int, Any] = {}
        by_table: dict[int, Any] = {}
        for at, place in enumerate(checks):
            if at in expectations:
                scope = KINDS[str(checks[place]["type"])].scope
                (by_row if scope == "row" else by_table)[place] = expectations[at]
        found |= _rows(library, by_row, told)
        found |= _tables(library, by_table)
    finally:
        rows.unpersist()
    return found


def _conditions(library: Any, expectations: Mapping[int, Any]) -> dict[int, tuple[Any, Any]]:
    """Each check's condition of failing as a column of Spark, and the rows it speaks of."""
    from great_expectations.expectations.registry import get_metric_kwargs
    from great_expectations.validator.metric_configuration import MetricConfiguration
    from great_expectations.validator.metrics_calculator import MetricsCalculator

    metrics: dict[int, Any] = {}
    for place, expectation in expectations.items():
        name = f"{expectation.map_metric}.condition"
        given = get_metric_kwargs(name, configuration=expectation.configuration)
        metrics[place] = MetricConfiguration(
            name, given["metric_domain_kwargs"], given["metric_value_kwargs"]
        )
    resolved, _aborted = MetricsCalculator(library).compute_metrics(list(metrics.values()))
    made: dict[int, tuple[Any, Any]] = {}
    for place, metric in metrics.items():
        if metric.id in resolved:
            condition, domain, accessor = resolved[metric.id]
            made[place] = condition, {**domain, **accessor}
    return made


def _rows(library: Any, expectations: Mapping[int, Any], told: Told) -> dict[int, Findings]:
    """Checks of the same rows are answered in one pass over them."""
    conditions = _conditions(library, expectations)
    passes: dict[str, list[int]] = {}
    for place, (_condition, domain) in conditions.items():
        passes.setdefault(_speaks_of(domain), []).append(place)
    found: dict[int, Findings] = {}
    for places in passes.values():
        for start in range(0, len(places), AT_ONCE):
            found |= _together(library, expectations, conditions, places[start : start + AT_ONCE])
            told(len(found), len(expectations))
    return found


def _speaks_of(domain: Mapping[str, Any]) -> str:
    """Equal for checks that leave out the same rows."""
    left_out = repr(domain.get("filter_conditions"))
    if domain.get("ignore_row_if"):
        named = [domain.get(key) for key in ("column_A", "column_B", "column_list")]
        left_out += repr([domain["ignore_row_if"], *named])
    return left_out


def _together(
    library: Any,
    expectations: Mapping[int, Any],
    conditions: Mapping[int, tuple[Any, Any]],
    places: Sequence[int],
) -> dict[int, Findings]:
    """Checks of the same rows: one number a row says which of them it fails."""
    from pyspark.sql import functions as spark_functions

    if not places:
        return {}
    f: Any = spark_functions
    try:
        rows = library.get_domain_records(domain_kwargs=conditions[places[0]][1])
        bits = [
            f.when(conditions[place][0], f.lit(1 << bit)).otherwise(f.lit(0)).cast("long")
            for bit, place in enumerate(places)
        ]
        failing = rows.select(ROW, functools.reduce(operator.add, bits).alias("fails"))
        told = failing.where(f.col("fails") != 0).toArrow()
        considered = rows.agg(
            *(_considered(f, expectations[place], str(place)) for place in places)
        ).first()
    except Exception as error:
        if len(places) == 1:
            _note(expectations[places[0]], error)
            return {}
        # One of them breaks: found by halves, so that the others are still judged at once.
        half = len(places) // 2
        return _together(library, expectations, conditions, places[:half]) | _together(
            library, expectations, conditions, places[half:]
        )
    row = np.asarray(told.column(ROW), np.int64)
    order = np.argsort(row)
    row, fails = row[order], np.asarray(told.column("fails"), np.int64)[order]
    return {
        place: _findings(
            row[(fails >> bit) & 1 == 1], considered[str(place)], expectations[place].mostly
        )
        for bit, place in enumerate(places)
    }


def _findings(failing: npt.NDArray[np.int64], considered: int, mostly: float) -> Findings:
    if not considered:
        return Findings(True, failing[:0], None)
    passed = (float(considered) - float(len(failing))) / float(considered) >= float(mostly)
    return Findings(passed, failing, None)


def _considered(f: Any, expectation: Any, name: str) -> Any:
    """How many rows the share of `mostly` is a share of, as a column of Spark."""
    column = getattr(expectation, "column", None)
    if column is None or expectation.map_metric in direct.OF_ALL_ROWS:
        return f.count(f.lit(1)).alias(name)
    return f.count(f.col(column)).alias(name)


def _tables(library: Any, expectations: Mapping[int, Any]) -> dict[int, Findings]:
    """Checks of the whole table, by the library's own graph of metrics."""
    if not expectations:
        return {}
    from great_expectations.validator.validator import Validator

    validator = Validator(execution_engine=library, data_context=engine.context())
    results: list[Any] = validator.graph_validate(
        [expectation.configuration for expectation in expectations.values()],
        runtime_configuration={"result_format": WITHOUT_VALUES},
    )
    told = {each.expectation_config.meta["check"]: each for each in results}
    found: dict[int, Findings] = {}
    for place, expectation in expectations.items():
        result = told[expectation.configuration.meta["check"]]
        if engine.error_of(result.exception_info) is None:
            found[place] = Findings(bool(result.success), np.zeros(0, np.int64), None)
    return found


def _note(expectation: Any, error: Exception) -> None:
    """An exception may quote what it saw; its kind does not."""
    logger.info(
        "Spark left %s to the process: %s", expectation.expectation_type, type(error).__name__
    )
