"""How far checking has come, and what was understood of a file."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Avg, DurationField, ExpressionWrapper, F, QuerySet

from contributions import problems
from contributions.models import Contribution, Stage, StageRun, State
from contributions.models.contributions import MOVING, STAGES
from contributions.pipeline.tables import from_parquet
from contributions.selectors.contributions import progress

PREVIEW_ROWS = 10
#: Stages before this one may still hold personal data.
GATED = STAGES[STAGES.index(Stage.PRIVACY) + 1 :]


def progress_document(contribution: Contribution) -> dict[str, Any]:  # Any: JSON
    """Stages with their times, rows finished, and the seconds to the end from earlier files."""
    took = {
        run.stage: (run.ended_at - run.started_at).total_seconds()
        for run in StageRun.objects.filter(contribution=contribution).order_by("id")
    }
    usual = _usual_seconds(contribution.call_id)
    steps = [
        {
            "stage": step["stage"],
            "state": step["state"],
            "seconds": round(took[step["stage"]], 3) if step["stage"] in took else None,
            "expected_seconds": usual.get(step["stage"]),
        }
        for step in progress(contribution)
    ]
    left = [step["expected_seconds"] for step in steps if step["state"] in ("now", "waiting")]
    moving = contribution.state in MOVING
    done = sum(1 for step in steps if step["state"] == "done")
    return {
        "receipt": contribution.receipt,
        "state": contribution.state,
        "rows": contribution.received,
        "rows_done": contribution.received * done // len(steps),
        "expected_seconds": round(sum(each or 0.0 for each in left), 3) if moving else None,
        "stages": steps,
    }


def _usual_seconds(call_id: UUID) -> dict[str, float]:
    """Mean seconds of each stage over the files of a call that were accepted."""
    spent = ExpressionWrapper(F("ended_at") - F("started_at"), output_field=DurationField())
    found: QuerySet[StageRun, tuple[str, timedelta]] = (
        StageRun.objects.filter(contribution__call_id=call_id, contribution__state=State.ACCEPTED)
        .order_by()
        .values("stage")
        .annotate(mean=Avg(spent))
        .values_list("stage", "mean")
    )
    return {stage: round(mean.total_seconds(), 3) for stage, mean in found}


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
