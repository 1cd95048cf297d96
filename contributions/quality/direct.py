"""Row checks judged by Great Expectations' own metrics, without its graph of metrics around them.

The library spends over ten milliseconds a check on copies of configurations, and copies the whole
frame for each. Here the condition metric of a check is looked up in the library's registry and
asked about the columns it names, nothing more. Whatever is not plain (an exception, verdicts that
are not true or false, a metric built on other metrics) is left to the library itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

# Judged by all rows; every other check of one column, by those that hold a value.
OF_ALL_ROWS = frozenset({"column_values.null", "column_values.nonnull"})
AT_HAND = frozenset({"table.columns", "table.column_types", "table.row_count"})


@dataclass(frozen=True)
class Direct:
    """A check made ready: the library's provider and its arguments."""

    metric: str
    provider: Callable[..., Any]
    provider_class: Any
    domain: dict[str, Any]
    value: dict[str, Any]
    columns: tuple[str, ...]
    mostly: float


@dataclass(frozen=True)
class Verdict:
    """`failing`: positions of the rows that fail, ascending."""

    passed: bool
    failing: npt.NDArray[np.int64]


def prepare(expectation: Any) -> Direct | None:
    """Make a row check ready, or None where the library has to judge it itself."""
    from great_expectations.execution_engine.pandas_execution_engine import (
        PandasExecutionEngine,
    )
    from great_expectations.expectations.registry import get_metric_kwargs, get_metric_provider
    from great_expectations.validator.metric_configuration import MetricConfiguration

    from contributions.quality.providers import SELF_CONTAINED

    metric = getattr(expectation, "map_metric", None)
    if not metric:
        return None
    name = f"{metric}.condition"
    engine = PandasExecutionEngine()
    try:
        arguments = get_metric_kwargs(name, configuration=expectation.configuration)
        provider_class, provider = get_metric_provider(name, engine)
        needs = provider_class.get_evaluation_dependencies(
            metric=MetricConfiguration(
                name, arguments["metric_domain_kwargs"], arguments["metric_value_kwargs"]
            ),
            configuration=expectation.configuration,
            execution_engine=engine,
        )
    except Exception:  # the library says what is wrong when it is asked for the verdict
        return None
    if set(needs) - AT_HAND and metric not in SELF_CONTAINED:
        return None
    if not inspect.isfunction(provider):
        return None
    domain = dict(arguments["metric_domain_kwargs"])
    columns = _columns(domain)
    if not columns:
        return None
    return Direct(
        metric,
        provider,
        provider_class,
        domain,
        dict(arguments["metric_value_kwargs"]),
        columns,
        float(expectation.mostly),
    )


def judge(direct: Direct, frame: pd.DataFrame) -> Verdict | None:
    """The verdict on a frame whose index is 0, 1, 2 …, or None where the library has to say it."""
    from great_expectations.execution_engine.pandas_execution_engine import (
        PandasExecutionEngine,
    )

    if not set(direct.columns) <= set(frame.columns) or not frame.columns.is_unique:
        return None
    narrow = frame[list(dict.fromkeys(direct.columns))]
    engine = PandasExecutionEngine(batch_data_dict={"rows": narrow})
    try:
        unexpected, compute, accessor = direct.provider(
            direct.provider_class,
            execution_engine=engine,
            metric_domain_kwargs=direct.domain,
            metric_value_kwargs=direct.value,
            metrics={"table.columns": list(narrow.columns)},
            runtime_configuration={},
        )
        considered = _considered(direct, narrow, engine, {**compute, **accessor})
    except Exception:  # asked again, the library reports it as it reports all exceptions
        return None
    if getattr(unexpected, "dtype", None) != np.bool_:
        return None
    failing = np.asarray(unexpected.index[unexpected.to_numpy()], np.int64)
    if not considered:
        return Verdict(passed=True, failing=failing[:0])
    passed = (float(considered) - float(len(failing))) / float(considered) >= direct.mostly
    return Verdict(passed=passed, failing=failing)


def _considered(
    direct: Direct, narrow: pd.DataFrame, engine: Any, domain: Mapping[str, Any]
) -> int:
    """How many rows the share of `mostly` is a share of."""
    if direct.metric in OF_ALL_ROWS:
        return len(narrow)
    if "column" in direct.domain:
        return int(narrow[direct.domain["column"]].notna().sum())
    return len(engine.get_domain_records(domain_kwargs=dict(domain)))


def _columns(domain: Mapping[str, Any]) -> tuple[str, ...]:
    named = [domain[key] for key in ("column", "column_A", "column_B") if domain.get(key)]
    listed = domain.get("column_list") or ()
    return tuple(str(name) for name in (*named, *listed))
