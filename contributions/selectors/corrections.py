"""What the owner of a contribution needs to correct it: the rows set aside, and earlier rounds."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import TypedDict

import pyarrow as pa
import pyarrow.compute as pc

from contributions.models import Attempt, Contribution, Finding
from contributions.pipeline.tables import ROW, from_parquet
from contributions.reasons import reason
from contributions.selectors.contributions import finding_document
from dure.core.cells import neutralise
from dure.core.clock import rfc3339

REASON = "dure:reason"
QUARANTINED = 1
BATCH = 1_000


class AttemptDocument(TypedDict):
    """One correction, and what it answered."""

    number: int
    mode: str
    sent_at: str
    answers: dict[str, object]


def attempt_documents(contribution: Contribution) -> list[AttemptDocument]:
    """The rounds of correction of a contribution, in their order."""
    return [
        {
            "number": attempt.number,
            "mode": attempt.mode,
            "sent_at": rfc3339(attempt.sent_at),
            "answers": {
                "reason": reason(attempt.answers_rule, attempt.answers_params),
                "reason_code": attempt.answers_rule,
                "counts": attempt.answers_counts,
            },
        }
        for attempt in Attempt.objects.filter(contribution=contribution).order_by("number")
    ]


def rows_set_aside(contribution: Contribution) -> Iterator[str]:
    """CSV, piece by piece: the rows that were set aside, their numbers, and why, to be corrected.

    The cells are those that passed the privacy gate. Rows that could not be read as rows stand
    with their number alone.
    """
    names = [field["name"] for field in contribution.call_version.document["schema"]["fields"]]
    reasons: dict[int, list[str]] = {}
    for finding in Finding.objects.filter(contribution=contribution, row__gt=0).order_by("id"):
        said = finding_document(finding)
        text = f"{said['column']}: {said['message']}" if said["column"] else said["message"]
        reasons.setdefault(finding.row, []).append(text)
    yield "\ufeff" + _lines([[ROW, *names, REASON]])
    for batch in set_aside(contribution, names).to_batches(BATCH):
        columns = [batch.column(place).to_pylist() for place in range(batch.num_columns)]
        yield _lines(
            [number, *(neutralise(cell or "") for cell in cells), " ".join(reasons.get(number, []))]
            for number, *cells in zip(*columns, strict=True)
        )
    unread = Finding.objects.filter(contribution=contribution, stage="decode", row__gt=0)
    for number in unread.order_by("row").values_list("row", flat=True).distinct():
        yield _lines([[number, *([""] * len(names)), " ".join(reasons[number])]])


def set_aside(contribution: Contribution, names: list[str]) -> pa.Table:
    """Row numbers and cells of the quarantined records; empty where the tables are gone."""
    held = contribution.records, contribution.outcome
    if any(blob is None or blob.purged_at is not None for blob in held):
        return pa.table({ROW: pa.array([], pa.int64())})
    from contributions.pipeline.quality import VERDICT

    records, outcome = from_parquet(contribution.records), from_parquet(contribution.outcome)
    aside = pc.equal(outcome.column(VERDICT), QUARANTINED)
    return records.filter(aside).select([ROW, *names])


def _lines(rows: Iterator[list[object]] | list[list[object]]) -> str:
    sink = io.StringIO()
    csv.writer(sink, lineterminator="\r\n").writerows(rows)
    return sink.getvalue()
