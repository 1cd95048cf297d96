"""Great Expectations runs the checks; only counts and row positions come back out.

Importing this module is cheap, `warm()` is not (seconds): call it in the worker's parent process.
One context per process, one prepared suite per version of a call and shape of frame. Checks of rows
are judged by the library's metrics themselves (`direct`), the others by its validator. Its results
are asked for without values, and read by an allow-list of keys, because aggregate checks report
what they saw whatever one asks.
"""

from __future__ import annotations

import functools
import hashlib
import json
import logging
import os
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from contributions.parts import Told, untold
from contributions.quality import direct
from contributions.quality.catalogue import KINDS
from contributions.quality.direct import Direct
from contributions.quality.outcome import CheckResult, QualityOutcome
from contributions.quality.suite import FULL_LOSS, loss_of
from contributions.row_problem import RowProblem

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CheckResult", "QualityOutcome", "run", "warm"]

PROBLEMS_PER_CHECK = 10_000
SUITES_KEPT = 64
WITHOUT_VALUES = {
    "result_format": "COMPLETE",
    "exclude_unexpected_values": True,
    "partial_unexpected_count": 0,
    "return_unexpected_index_query": False,
}
TALKATIVE = (
    "great_expectations.validator.metrics_calculator",
    "great_expectations.validator.validator",
    "great_expectations.validator.validation_graph",
    "great_expectations.expectations.expectation",
)
# What was wrong with the check itself, from the exception's own words.
ERRORS = (
    ("does not exist", "check.column_missing"),
    ("same type", "check.type_mismatch"),
    ("Invalid comparison", "check.type_mismatch"),
    ("not supported between", "check.type_mismatch"),
)


@dataclass(frozen=True)
class Findings:
    """What one check came to: `failing` are positions; an `error` voids the rest."""

    passed: bool
    failing: npt.NDArray[np.int64]
    error: str | None


#: (frame with the index 0, 1, 2 …, checks, name of the suite) → what each check came to, by its
#: place, and the error code of each that could not even be built.
Judge = Callable[
    ["pd.DataFrame", Sequence[Mapping[str, object]], str],
    tuple[dict[int, Findings], dict[int, str]],
]


@dataclass(frozen=True)
class _Suite:
    """Checks made ready, by their place in the call: for us, for the library, for nobody."""

    direct: dict[int, Direct]
    expectations: dict[int, Any]
    unbuildable: dict[int, str]


@dataclass
class _Context:
    """Great Expectations as this process holds it. Any: the library ships no types."""

    process: int
    context: Any
    batch: Any
    suites: OrderedDict[str, _Suite] = field(default_factory=OrderedDict)


_held: list[_Context] = []


def warm() -> None:
    """Import Great Expectations and build this process's context."""
    _context()


def context() -> Any:
    """Great Expectations' context of this process: nothing is stored in it."""
    return _context().context


def run(
    frame: pd.DataFrame,
    *,
    checks: Sequence[Mapping[str, object]],
    suite_id: str,
    judge: Judge | None = None,
    told: Told = untold,
) -> QualityOutcome:
    """Judge a typed frame (see `contributions.schema.cast`) by the call's checks.

    A check whose `mostly` is met passes and touches no row. An exception inside the engine becomes
    an `error` of its check. Rows in `problems` are the labels of the index when it is named "row",
    else 1-based positions. `suite_id` must change when the checks do. `judge` finds what each check
    comes to; without one, Great Expectations does on pandas, in this process, and `told` hears of
    each check that was judged.
    """
    outcome = QualityOutcome(
        set_aside=np.zeros(len(frame), np.bool_), loss=np.zeros(len(frame), np.int64), results=[]
    )
    if not checks:
        return outcome
    whole_table = any(KINDS[str(check["type"])].scope == "table" for check in checks)
    if not len(frame) and not whole_table:
        outcome.results = [_result(check, passed=True) for check in checks]
        return outcome
    numbers = frame.index.to_numpy() if frame.index.name == "row" else np.arange(1, len(frame) + 1)
    judge = judge or functools.partial(in_process, told=told)
    found, unbuildable = judge(frame.reset_index(drop=True), checks, suite_id)
    for place, check in enumerate(checks):
        if place in unbuildable or place not in found:
            result = _result(check, passed=False, error=unbuildable.get(place, "check.failed"))
        else:
            result = _judge(check, found[place], outcome, numbers)
        outcome.results.append(result)
        if result.error is None and not result.passed and _scope(check) == "table":
            outcome.table_failures.append(result)
    np.minimum(outcome.loss, FULL_LOSS, out=outcome.loss)
    outcome.problems.sort(key=lambda problem: problem.row)
    return outcome


def _scope(check: Mapping[str, object]) -> str:
    return KINDS[str(check["type"])].scope


def _judge(
    check: Mapping[str, object], found: Findings, outcome: QualityOutcome, numbers: Any
) -> CheckResult:
    if found.error is not None:
        return _result(check, passed=False, error=found.error)
    if _scope(check) == "table" or found.passed:
        return _result(check, passed=found.passed)
    places = found.failing
    if not len(places):
        return _result(check, passed=False, error="check.rows_unknown")
    severity = check.get("severity", "critical")
    if severity == "critical":
        outcome.set_aside[places] = True
        column, params = _column(check) or "", _shown(check)
        outcome.problems.extend(
            RowProblem(row=int(row), rule=str(check["type"]), column=column, params=params)
            for row in numbers[places[:PROBLEMS_PER_CHECK]]
        )
    elif severity == "warning":
        outcome.loss[places] += loss_of(check)
    return _result(check, passed=False, failing=len(places))


def error_of(info: Mapping[str, Any]) -> str | None:
    """Exceptions lie flat or one level down, by metric; their texts may quote values: kept out."""
    raised = [info] if "raised_exception" in info else list(info.values())
    messages = [str(each.get("exception_message")) for each in raised if each["raised_exception"]]
    if not messages:
        return None
    for words, code in ERRORS:
        if any(words in message for message in messages):
            return code
    return "check.failed"


def _result(
    check: Mapping[str, object], *, passed: bool, failing: int = 0, error: str | None = None
) -> CheckResult:
    return CheckResult(
        rule=str(check["type"]),
        column=_column(check),
        severity=str(check.get("severity", "critical")),
        passed=passed,
        failing=failing,
        error=error,
    )


def _kwargs(check: Mapping[str, object]) -> dict[str, Any]:
    kwargs = check.get("kwargs", {})
    return dict(kwargs) if isinstance(kwargs, dict) else {}


def _column(check: Mapping[str, object]) -> str | None:
    kwargs = _kwargs(check)
    name = kwargs.get("column") or kwargs.get("column_A")
    return str(name) if name is not None else None


def _shown(check: Mapping[str, object]) -> dict[str, str | int]:
    """The arguments that a sentence may quote: the call's own bounds and patterns."""
    shown: dict[str, str | int] = {}
    for key, value in _kwargs(check).items():
        if key in ("min_value", "max_value", "regex", "value", "column_B"):
            shown[key] = str(value)
        elif key == "value_set" and isinstance(value, list):
            shown[key] = ", ".join(str(each) for each in value[:12])
    return shown


def in_process(
    frame: pd.DataFrame,
    checks: Sequence[Mapping[str, object]],
    suite_id: str,
    told: Told = untold,
) -> tuple[dict[int, Findings], dict[int, str]]:
    """(what was found per check, error code per check that could not even be built)."""
    held = _context()
    moments = frozenset(str(name) for name, dtype in frame.dtypes.items() if dtype.kind == "M")
    suite = _suite(held, checks, suite_id, moments)
    found: dict[int, Findings] = {}
    for place, ready in suite.direct.items():
        verdict = direct.judge(ready, frame)
        if verdict is not None:
            found[place] = Findings(verdict.passed, verdict.failing, None)
            told(len(found), len(checks))
    asked = {place: each for place, each in suite.expectations.items() if place not in found}
    found |= _by_the_library(held, asked, frame)
    return found, suite.unbuildable


def directly(
    frame: pd.DataFrame, checks: Sequence[Mapping[str, object]], suite_id: str
) -> dict[int, npt.NDArray[np.int64]]:
    """Positions that fail, by the place of each check whose rows could be judged without more."""
    moments = frozenset(str(name) for name, dtype in frame.dtypes.items() if dtype.kind == "M")
    failing: dict[int, npt.NDArray[np.int64]] = {}
    for place, ready in _suite(_context(), checks, suite_id, moments).direct.items():
        verdict = direct.judge(ready, frame)
        if verdict is not None:
            failing[place] = verdict.failing
    return failing


def _by_the_library(
    held: _Context, expectations: Mapping[int, Any], frame: pd.DataFrame
) -> dict[int, Findings]:
    if not expectations:
        return {}
    import great_expectations as gx
    from great_expectations.validator.v1_validator import Validator

    suite = gx.ExpectationSuite(name="asked", expectations=list(expectations.values()))
    validator = Validator(
        batch_definition=held.batch,
        batch_parameters={"dataframe": frame},
        result_format=WITHOUT_VALUES,
    )
    found: dict[int, Findings] = {}
    each: Any  # the library ships no types
    for each in validator.validate_expectation_suite(suite).results:
        places = each.result.get("unexpected_index_list") or []
        found[each.expectation_config.meta["check"]] = Findings(
            bool(each.success), np.asarray(places, np.int64), error_of(each.exception_info)
        )
    return found


def _suite(
    held: _Context,
    checks: Sequence[Mapping[str, object]],
    suite_id: str,
    moments: frozenset[str],
) -> _Suite:
    content = json.dumps([list(checks), sorted(moments)], sort_keys=True, default=str)
    name = f"{suite_id}:{hashlib.sha256(content.encode()).hexdigest()[:16]}"
    if name in held.suites:
        held.suites.move_to_end(name)
        return held.suites[name]
    expectations, unbuildable = expectations_of(checks, moments)
    ready = {
        place: prepared
        for place, expectation in expectations.items()
        if _scope(checks[place]) == "row" and (prepared := direct.prepare(expectation)) is not None
    }
    held.suites[name] = _Suite(ready, expectations, unbuildable)
    if len(held.suites) > SUITES_KEPT:
        held.suites.popitem(last=False)
    return held.suites[name]


def expectations_of(
    checks: Sequence[Mapping[str, object]], moments: frozenset[str], *, utc: bool = False
) -> tuple[dict[int, Any], dict[int, str]]:
    """The library's expectation of each check, and an error code for each that it cannot build."""
    from great_expectations.expectations.expectation_configuration import (
        ExpectationConfiguration,
    )

    built: dict[int, Any] = {}
    unbuildable: dict[int, str] = {}
    for place, check in enumerate(checks):
        try:
            configuration = ExpectationConfiguration(
                type=str(check["type"]),
                kwargs=_with_moments(_kwargs(check), moments, utc=utc),
                meta={"check": place},
            )
            built[place] = configuration.to_domain_obj()
        except Exception:  # whatever the library finds wrong with a check is the check's error
            unbuildable[place] = "check.invalid"
    return built, unbuildable


def _with_moments(kwargs: dict[str, Any], moments: frozenset[str], *, utc: bool) -> dict[str, Any]:
    """Dates in a call are texts; beside a date column they must be moments to be compared.

    `utc`: the column's moments were given a time zone, so the call's are given the same.
    """
    if kwargs.get("column") not in moments:
        return kwargs
    import pandas as pd

    def moment(text: object) -> pd.Timestamp:
        made = pd.Timestamp(text)  # type: ignore[arg-type]  # whatever a call wrote
        return made.tz_localize("UTC") if utc else made

    for key in ("min_value", "max_value"):
        if isinstance(kwargs.get(key), str):
            kwargs[key] = moment(kwargs[key]).to_pydatetime()
    if isinstance(kwargs.get("value_set"), list):
        kwargs["value_set"] = [moment(each) for each in kwargs["value_set"]]
    return kwargs


def _context() -> _Context:
    """This process's context; a forked child builds its own."""
    if _held and _held[0].process == os.getpid():
        return _held[0]
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    # Registers the quicker metrics, and the expectations of our own.
    from contributions.quality import own_expectations, providers  # noqa: F401

    # The library logs the texts of exceptions, and those may quote a cell.
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    asset = context.data_sources.add_pandas("contributions").add_dataframe_asset("rows")
    batch = asset.add_batch_definition_whole_dataframe("all")
    _held[:] = [_Context(os.getpid(), context, batch)]
    return _held[0]
