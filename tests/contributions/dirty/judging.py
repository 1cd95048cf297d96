"""The dirty city through the pure stages of the pipeline, as a call would have it judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from contributions.duplicates import fingerprints, first_occurrences
from contributions.quality import engine
from contributions.quality.suite import validate_checks
from contributions.schema import cast
from tests.contributions.dirty.city import KINDS, LATEST, Dirty

Check = dict[str, Any]  # Any: Great Expectations' own configuration

SCHEMA: dict[str, Any] = {  # Any: a Table Schema
    "fields": [
        {"name": "측정소", "type": "string", "constraints": {"required": True}},
        {"name": "측정일시", "type": "datetime", "constraints": {"required": True}},
        {"name": "PM10", "type": "number"},
        {"name": "PM2.5", "type": "number"},
        {"name": "O3", "type": "number"},
        {"name": "기온", "type": "number"},
        {"name": "습도", "type": "number"},
    ]
}


def _check(kind: str, **kwargs: object) -> Check:
    return {"type": f"expect_{kind}", "kwargs": kwargs, "severity": "critical"}


def _between(column: str, **bounds: object) -> Check:
    return _check("column_values_to_be_between", column=column, **bounds)


#: Which checks of the call are there for which kind of fault; duplicates have a stage of their own.
CHECKS: dict[str, list[Check]] = {
    "missing": [_check("column_values_to_not_be_null", column="PM10")],
    "unit": [_between("PM10", max_value=1000), _between("O3", max_value=0.6)],
    "swapped": [
        _check(
            "column_pair_values_a_to_be_greater_than_b",
            column_A="PM10",
            column_B="PM2.5",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
        )
    ],
    "impossible": [
        _between("PM10", min_value=0),
        _between("습도", min_value=0, max_value=100),
        _between("기온", min_value=-40, max_value=50),
    ],
    "future": [_between("측정일시", max_value=LATEST)],
    "conflicting": [_check("key_to_have_one_value", column_list=["측정소", "측정일시", "PM10"])],
    "fabricated": [
        _check(
            "no_repeated_block",
            column_list=["측정소", "PM10"],
            run_length=6,
            block_length=12,
            noise=0.4,
        )
    ],
}


@dataclass(frozen=True)
class Measured:
    """`precision`: share of a kind's finds that are right; `recall`: share of its faults found."""

    precision: float
    recall: float
    faults: int


def found(dirty: Dirty) -> dict[str, npt.NDArray[np.bool_]]:
    """The rows that each kind's checks find, by position in the file."""
    checks = [check for kind in CHECKS for check in CHECKS[kind]]
    kinds = [kind for kind in CHECKS for _check in CHECKS[kind]]
    assert validate_checks(checks, SCHEMA) == []
    table = as_text(dirty.frame)
    typed = cast(table, SCHEMA)
    assert not typed.bad_rows.any()
    rows = {kind: np.zeros(len(dirty.frame), np.bool_) for kind in KINDS}
    for kind, check in zip(kinds, checks, strict=True):
        outcome = engine.run(typed.frame, checks=[check], suite_id=f"dirty:{kind}")
        assert outcome.results[0].error is None, check
        rows[kind] |= outcome.set_aside
    numeric = ["PM10", "PM2.5", "O3", "기온", "습도"]
    rows["duplicated"] = ~first_occurrences(
        fingerprints(table, key=None, digest_key=bytes(32), numeric=numeric)
    )
    return rows


def measure(dirty: Dirty) -> dict[str, Measured]:
    """Precision and recall of each kind."""
    answers = {}
    for kind, rows in found(dirty).items():
        right = int((rows & dirty.truth[kind]).sum())
        answers[kind] = Measured(
            right / max(1, int(rows.sum())),
            right / int(dirty.truth[kind].sum()),
            int(dirty.truth[kind].sum()),
        )
    return answers


def as_text(frame: pd.DataFrame) -> pa.Table:
    """The file as it is decoded: every cell a text, the missing ones null."""
    columns = {}
    for name in frame.columns:
        column = frame[name]
        if column.dtype.kind == "M":
            texts = column.dt.strftime("%Y-%m-%dT%H:%M:%S").to_list()
        else:
            texts = [None if pd.isna(each) else str(each) for each in column]
        columns[name] = pa.array(texts, pa.string())
    return pa.table(columns)
