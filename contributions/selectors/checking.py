"""How far checking has come, and what was understood of a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict
from uuid import UUID

import pyarrow.compute as pc

from contributions import problems
from contributions.findings_text import sentence
from contributions.models import Contribution, Stage, StageRun, State
from contributions.models.contributions import MOVING, STAGES, WHOLE_STAGE
from contributions.pipeline.tables import ROW, from_parquet
from contributions.selectors.contributions import FindingDocument, progress

PREVIEW_ROWS = 10
#: So many of the latest files say how long a stage takes.
FILES_ASKED = 50
#: Rows of a page of duplicates.
DUPLICATES_LISTED = 100
#: Stages before this one may still hold personal data.
GATED = STAGES[STAGES.index(Stage.PRIVACY) + 1 :]


class StageDocument(TypedDict):
    stage: str
    state: str
    rows_done: int
    seconds: float | None
    expected_seconds: float | None


class ProgressDocument(TypedDict):
    receipt: str
    state: str
    rows: int
    rows_done: int
    expected_seconds: float | None
    stages: list[StageDocument]


def progress_document(contribution: Contribution) -> ProgressDocument:
    """Stages with their times, rows finished, and the seconds to the end from earlier files."""
    took = {
        run.stage: (run.ended_at - run.started_at).total_seconds()
        for run in StageRun.objects.filter(contribution=contribution).order_by("id")
    }
    rows = contribution.received
    usual = _usual_seconds(contribution.call_id, rows)
    standing = progress(contribution)
    shares = [_share(contribution, step["state"]) for step in standing]
    steps: list[StageDocument] = [
        {
            "stage": step["stage"],
            "state": step["state"],
            "rows_done": rows * shares[place] // WHOLE_STAGE,
            "seconds": round(took[step["stage"]], 3) if step["stage"] in took else None,
            "expected_seconds": usual.get(step["stage"]),
        }
        for place, step in enumerate(standing)
    ]
    left = [
        (step["expected_seconds"] or 0.0) * (WHOLE_STAGE - shares[place]) / WHOLE_STAGE
        for place, step in enumerate(steps)
    ]
    moving = contribution.state in MOVING
    return {
        "receipt": contribution.receipt,
        "state": contribution.state,
        "rows": rows,
        "rows_done": rows * sum(shares) // (WHOLE_STAGE * len(steps)),
        "expected_seconds": round(sum(left), 3) if moving else None,
        "stages": steps,
    }


def _share(contribution: Contribution, standing: str) -> int:
    """Thousandths of a stage that are done."""
    if standing == "done":
        return WHOLE_STAGE
    return contribution.stage_share if standing == "now" else 0


def _usual_seconds(call_id: UUID, rows: int) -> dict[str, float]:
    """Seconds that each stage is expected to take for so many rows (0: not known yet).

    The latest accepted files of the call tell.
    """
    earlier = (
        Contribution.objects.filter(call_id=call_id, state=State.ACCEPTED)
        .order_by("-accepted_at")
        .values_list("id", "received")[:FILES_ASKED]
    )
    sizes = dict(earlier)
    spent: dict[str, list[tuple[int, float]]] = {}
    for stage, held, began, ended in StageRun.objects.filter(
        contribution_id__in=list(sizes)
    ).values_list("stage", "contribution_id", "started_at", "ended_at"):
        spent.setdefault(stage, []).append((sizes[held], (ended - began).total_seconds()))
    return {stage: round(expected_seconds(known, rows), 3) for stage, known in spent.items()}


def expected_seconds(known: Sequence[tuple[int, float]], rows: int) -> float:
    """Seconds for so many rows, from pairs of rows and seconds; for unknown rows their mean.

    A line of least squares where the files differ in size; where they do not, a file that is
    larger takes longer in proportion.
    """
    mean_rows = sum(held for held, _seconds in known) / len(known)
    mean_seconds = sum(seconds for _rows, seconds in known) / len(known)
    if not rows or not mean_rows:
        return mean_seconds
    sizes = [held for held, _seconds in known]
    slope = 0.0
    if max(sizes) >= 2 * min(sizes) + 1:
        spread = sum((held - mean_rows) ** 2 for held in sizes)
        slope = sum((held - mean_rows) * (each - mean_seconds) for held, each in known) / spread
    if slope <= 0:
        return mean_seconds * max(1.0, rows / mean_rows)
    return max(0.0, mean_seconds - slope * mean_rows) + slope * rows


def preview_document(contribution: Contribution) -> dict[str, Any]:  # Any: JSON
    """The first rows as they were understood, once the privacy gate has seen them.

    Raises NO_PREVIEW_YET before that, and after the records were purged.
    """
    past_gate = contribution.state == State.ACCEPTED or contribution.stage in GATED
    records = contribution.records
    if not past_gate or records is None or records.purged_at is not None:
        raise problems.NO_PREVIEW_YET.problem()
    table = from_parquet(records)
    return {
        "columns": [n for n in table.column_names if not n.startswith("dure:")],
        "rows": table.slice(0, PREVIEW_ROWS).to_pylist(),
        "rows_in_all": table.num_rows,
    }


def duplicate_rows(
    contribution: Contribution, *, after: int = 0, limit: int = DUPLICATES_LISTED
) -> list[int]:
    """Rows (1-based, ascending, those above `after`) that count for an earlier record instead.

    The earlier one stands in the same file or came from somebody else; whose it was is not told.
    """
    outcome = contribution.outcome
    if not contribution.duplicate or outcome is None or outcome.purged_at is not None:
        return []
    from contributions.pipeline.quality import DUPLICATE, VERDICT

    table = from_parquet(outcome)
    repeated = pc.and_(
        pc.equal(table.column(VERDICT), DUPLICATE), pc.greater(table.column(ROW), after)
    )
    rows = table.column(ROW).filter(repeated)
    return [int(row) for row in rows.take(pc.sort_indices(rows)[:limit]).to_pylist()]


def duplicate_findings(
    contribution: Contribution, *, after: int = 0, limit: int = DUPLICATES_LISTED
) -> list[FindingDocument]:
    """`duplicate_rows` in words: by which columns they are the same, where the call names any."""
    rule = "row.duplicate"
    key = (contribution.call_version.document["duplicates"] or {}).get("key") or ()
    message = sentence(rule, {"columns": ", ".join(key)})
    return [
        {"row": row, "column": "", "rule": rule, "message": message}
        for row in duplicate_rows(contribution, after=after, limit=limit)
    ]
