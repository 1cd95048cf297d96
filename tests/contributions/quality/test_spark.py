"""Spark judges as the engine in the process does, on whatever a typed column may hold."""

from __future__ import annotations

import gc
import logging
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from contributions.quality import choice, engine, spark
from contributions.quality.catalogue import KINDS
from contributions.quality.outcome import QualityOutcome
from contributions.quality.spark_columns import BESIDE, OF_THE_FORM, families, reason_beside
from tests.contributions.quality import edge_cases
from tests.contributions.quality.examples import EXAMPLES, MARKER, sample

pytestmark = [
    pytest.mark.xdist_group("spark"),
    pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java"),
    pytest.mark.timeout(300),
    # Spark's own client leaves its sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
Check = dict[str, Any]  # Any: arguments of a check


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:  # Any: pyspark's
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with spark.session("local[1]") as made:
            yield made
        gc.collect()


def told(outcome: QualityOutcome) -> list[object]:
    """All that an outcome says."""
    return [
        outcome.set_aside.tolist(),
        outcome.loss.tolist(),
        outcome.results,
        outcome.problems,
        outcome.table_failures,
    ]


def both(
    frame: pd.DataFrame,
    checks: list[Check],
    session: Any,  # Any: pyspark's
) -> tuple[list[object], ...]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        here = engine.run(frame, checks=checks, suite_id="spark")
        there = spark.run(frame, checks=checks, suite_id="spark", spark=session)
    return told(here), told(there)


def edge_checks() -> list[Check]:
    severities = ("critical", "warning", "info")
    return [
        {"type": kind, "kwargs": kwargs, "severity": severities[place % 3], "meta": {"loss": 1}}
        for place, (_name, kind, kwargs) in enumerate(edge_cases.cases())
    ]


def test_every_edge_case_comes_out_the_same_on_spark(
    session: Any,  # Any: pyspark's
    tmp_path: Path,
) -> None:
    frame = edge_cases.frame().reset_index(drop=True)
    of = families(frame)
    # What Spark may not judge is judged by the very same code as without it.
    asked = {
        place: check
        for place, check in enumerate(edge_checks())
        if reason_beside(check, of) is None
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = spark._on_spark(frame, asked, session, tmp_path)
        ours, unbuildable = engine.in_process(frame, list(asked.values()), "spark")
    assert not unbuildable
    for mine, (place, check) in enumerate(asked.items()):
        assert ours[mine].error is None, check
        assert theirs[place].passed == ours[mine].passed, check
        if not ours[mine].passed:
            assert theirs[place].failing.tolist() == ours[mine].failing.tolist(), check
    assert len(asked) > 100
    assert len({check["type"] for check in asked.values()}) >= 18


def test_every_expectation_has_the_outcome_it_has_without_spark(
    session: Any,  # Any: pyspark's
) -> None:
    checks = [
        {"type": name, "kwargs": dict(kwargs), "severity": "critical"}
        for name, pair in EXAMPLES.items()
        for kwargs in pair
    ]
    here, there = both(sample(), checks, session)
    assert here == there


def test_what_spark_may_not_judge_is_a_list_with_reasons() -> None:
    assert set(BESIDE) | set(OF_THE_FORM) <= set(KINDS)
    assert all(len(reason.split()) > 3 for reason in BESIDE.values())
    frame = sample()
    on_spark = {
        name
        for name, (met, _missed) in EXAMPLES.items()
        if reason_beside({"type": name, "kwargs": met}, families(frame)) is None
    }
    assert not on_spark & (set(BESIDE) | OF_THE_FORM)
    assert len(on_spark) >= 25


def rows(count: int) -> pd.DataFrame:
    places = np.arange(count)
    frame = pd.DataFrame(
        {
            "PM2.5": np.where(places % 7 == 0, -1.0, 12.5),
            "구": pd.array(np.where(places % 5 == 0, f"{MARKER}구", "종로구"), dtype="str"),
            "때": np.array("2026-01-01", "M8[ns]") + places.astype("m8[h]"),
        }
    )
    frame.index = pd.RangeIndex(2, count + 2, name="row")
    frame.loc[frame.index[::11], "PM2.5"] = np.nan
    return frame


CHECKS: list[Check] = [
    {
        "type": "expect_column_values_to_be_between",
        "kwargs": {"column": "PM2.5", "min_value": 0},
        "severity": "critical",
    },
    {
        "type": "expect_column_values_to_not_be_null",
        "kwargs": {"column": "PM2.5"},
        "severity": "warning",
        "meta": {"loss": 300},
    },
    {
        "type": "expect_column_values_to_match_regex",
        "kwargs": {"column": "구", "regex": "^[가-힣]+$"},
        "severity": "warning",
        "meta": {"loss": 100},
    },
    {
        "type": "expect_column_values_to_be_between",
        "kwargs": {"column": "때", "min_value": "2026-01-01", "max_value": "2026-01-20"},
        "severity": "critical",
    },
    {
        "type": "expect_column_distinct_values_to_be_in_set",
        "kwargs": {"column": "구", "value_set": ["종로구"]},
        "severity": "info",
    },
    {
        "type": "expect_column_mean_to_be_between",
        "kwargs": {"column": "구", "min_value": 0},
        "severity": "info",
    },
]


def test_mass_rows_and_report_are_the_same_and_no_value_is_told(
    session: Any,  # Any: pyspark's
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with caplog.at_level(logging.DEBUG, logger="contributions"):
        here, there = both(rows(600), CHECKS, session)
    assert here == there
    assert any(here[0])  # type: ignore[arg-type]  # verdicts by row
    assert MARKER not in repr(there) + caplog.text + "".join(capfd.readouterr())


def test_files_above_the_limit_go_to_spark_and_come_back_the_same(
    session: Any,  # Any: pyspark's
    settings: Any,  # Any: pytest-django's
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.SPARK_MASTER, settings.SPARK_ROWS = "local[2]", 100
    settings.SPARK_DIR = tmp_path / "spark"
    judged: list[int] = []
    run = spark.run

    def noted(frame: pd.DataFrame, **given: Any) -> QualityOutcome:
        judged.append(len(frame))
        return run(frame, **given)

    monkeypatch.setattr(spark, "run", noted)
    # The session of this module must outlive the run.
    monkeypatch.setattr(spark, "session", lambda _master: _held(session))
    small = choice.run(rows(100), checks=CHECKS, suite_id="choice")
    large = choice.run(rows(101), checks=CHECKS, suite_id="choice")
    assert judged == [101]
    assert told(small) == told(engine.run(rows(100), checks=CHECKS, suite_id="choice"))
    assert told(large) == told(engine.run(rows(101), checks=CHECKS, suite_id="choice"))
    assert list((tmp_path / "spark").iterdir()) == []


class _held:
    def __init__(self, session: Any) -> None:  # Any: pyspark's
        self.session = session

    def __enter__(self) -> Any:  # Any: pyspark's
        return self.session

    def __exit__(self, *_: object) -> None:
        pass


def test_spark_out_of_reach_costs_no_contribution(
    settings: Any,  # Any: pytest-django's
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.SPARK_MASTER, settings.SPARK_ROWS = "spark://nowhere:7077", 1
    settings.SPARK_DIR = tmp_path

    def refuse(_master: str) -> Any:  # Any: never answers
        raise ConnectionError(MARKER)

    monkeypatch.setattr(spark, "session", refuse)
    outcome = choice.run(rows(50), checks=CHECKS, suite_id="unreachable")
    assert told(outcome) == told(engine.run(rows(50), checks=CHECKS, suite_id="unreachable"))
    assert "ConnectionError" in caplog.text
    assert MARKER not in caplog.text
