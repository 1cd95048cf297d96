"""What the quality stage writes down about a push: its form, its distributions, how far it moved.

Compared with the latest push of the same party to the same call that was accepted. Stored with the
stage run; shown by `contributions.selectors.quality_report`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np
import pyarrow as pa
from django.db import connection

from contributions.drift import (
    Distribution,
    Fingerprint,
    Histogram,
    changes,
    describe_categories,
    describe_numbers,
    histogram_of,
    precision_of,
    psi,
    recount_numbers,
)
from contributions.models import Contribution, Stage, StageRun, State

if TYPE_CHECKING:
    import pandas as pd

Document = dict[str, Any]  # Any: JSON
NUMERIC = ("integer", "number")
#: Columns that are described, and rows that precision is read from.
COLUMNS_MAX = 60
CATEGORIES_MAX = 50
ROWS_READ = 2_000
FORM = ("format", "encoding", "delimiter")
#: Read off the index of a feed's accepted pushes, however many there were.
EARLIER = f"""
SELECT run.counts -> 'description'
FROM contributions_contribution push
JOIN contributions_stagerun run ON run.contribution_id = push.id AND run.stage = '{Stage.QUALITY}'
WHERE push.party_id = %s AND push.call_id = %s AND push.state = '{State.ACCEPTED}' AND NOT push.test
ORDER BY push.accepted_at DESC, run.id DESC LIMIT 1
"""  # noqa: S608 - made of constants


def describe(
    records: pa.Table,
    frame: pd.DataFrame,
    document: Mapping[str, Any],
    *,
    earlier: Document | None,
    form: Mapping[str, str],
) -> Document:
    """`{"fingerprint", "distributions", "drift"}`; `drift` is None for a feed's first push.

    `earlier` is the description of the push before, `form` what decoding said of this one's file.
    """
    fields = document["schema"]["fields"][:COLUMNS_MAX]
    fingerprint = Fingerprint(
        dict(form),
        {field["name"]: str(field.get("type", "string")) for field in fields},
        {
            field["name"]: precision_of(
                records.column(field["name"]).slice(0, ROWS_READ).to_pylist()
            )
            for field in fields
            if field.get("type") == "number"
        },
    )
    before: Document = (earlier or {}).get("distributions", {})
    distributions: dict[str, Document] = {}
    indices: dict[str, float] = {}
    for field in fields:
        name = field["name"]
        made = _distribution(frame, field, _named(name, field, document), before.get(name))
        if made is None:
            continue
        distributions[name] = made.document()
        drawn = _drawn(frame, field) if made.limits else None
        if drawn is not None:
            distributions[name]["drawn"] = drawn.document()
        if name in before and before[name]["labels"] == list(made.labels):
            index = psi(before[name]["counts"], made.counts)
            if index is not None:
                indices[name] = round(index, 4)
    drift = None
    if earlier is not None:
        found = changes(Fingerprint.of(earlier["fingerprint"]), fingerprint)
        drift = {"psi": indices, "changes": [each.document() for each in found]}
    return {
        "fingerprint": fingerprint.document(),
        "distributions": distributions,
        "drift": drift,
    }


def _drawn(frame: pd.DataFrame, field: Mapping[str, Any]) -> Histogram | None:
    return histogram_of(frame[field["name"]].to_numpy(np.float64, na_value=np.nan))


def _distribution(
    frame: pd.DataFrame,
    field: Mapping[str, Any],
    named: list[str],
    before: Document | None,
) -> Distribution | None:
    column = frame[field["name"]]
    if field.get("type") in NUMERIC and not named:
        values = column.to_numpy(np.float64, na_value=np.nan)
        if before is not None and before["limits"]:
            # In the classes of the earlier push, so that the two can be compared.
            return recount_numbers(values, before["limits"])
        return describe_numbers(values)
    if named:
        counts: Counter[str | None] = Counter()
        for value, cells in column.value_counts(dropna=False, sort=False).items():
            text = None if value is None else str(value)
            counts[None if text in ("nan", "NaT", "<NA>") else text] += int(cells)
        return describe_categories(counts, named)
    return None


def _named(name: str, field: Mapping[str, Any], document: Mapping[str, Any]) -> list[str]:
    """The categories of a column that the call itself lists; texts of nobody else are shown."""
    listed = list((field.get("constraints") or {}).get("enum") or [])
    for check in document["checks"]:
        kwargs = check.get("kwargs") or {}
        if kwargs.get("column") == name and check["type"].endswith("_values_to_be_in_set"):
            listed += kwargs.get("value_set") or []
    for part in document["strata"]:
        if part["column"] == name:
            listed += list(part.get("map") or {})
    distinct = list(dict.fromkeys(str(each) for each in listed))
    return distinct if len(distinct) <= CATEGORIES_MAX else []


def earlier_push(contribution: Contribution) -> Document | None:
    """What was written down about the latest accepted push of the same feed."""
    with connection.cursor() as cursor:
        cursor.execute(EARLIER, [contribution.party_id, contribution.call_id])
        found = cursor.fetchone()
    return json.loads(found[0]) if found and found[0] else None


def recorded_form(contribution_id: UUID) -> dict[str, str]:
    """The form of a contribution's file, as its decoding was recorded."""
    counts = (
        StageRun.objects.filter(contribution=contribution_id, stage=Stage.DECODE)
        .order_by("-id")
        .values_list("counts", flat=True)
        .first()
    )
    return form_of(counts or {})


def form_of(counts: Mapping[str, Any]) -> dict[str, str]:
    """The form of a file, out of the counts of its decoding."""
    return {part: str(counts[part]) for part in FORM if counts.get(part)}
