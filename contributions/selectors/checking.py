"""How far checking has come, what was understood of a file, and how the feeds of a firm do."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q, QuerySet, Sum

from contributions import problems
from contributions.models import Contribution, Stage, StageRun, State
from contributions.models.contributions import MOVING, STAGES
from contributions.pipeline.tables import from_parquet
from contributions.selectors.contributions import progress
from contributions.selectors.quality_report import drift_of
from dure.accounts.models import Party
from dure.core.clock import rfc3339

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


def feed_documents(parties: Iterable[UUID]) -> list[dict[str, Any]]:  # Any: JSON
    """One line per organisation and call: pushes, the latest one, counts and error rate."""
    organisations = Party.objects.filter(id__in=list(parties), kind=Party.Kind.ORGANISATION).values(
        "id"
    )
    mine = Contribution.objects.filter(party_id__in=organisations)
    sums = (
        mine.order_by()
        .values("party_id", "call_id", "call__slug")
        .annotate(
            pushes=Count("id"),
            returned=Count("id", filter=Q(state=State.RETURNED)),
            received=Sum("received"),
            accepted=Sum("accepted"),
            quarantined=Sum("quarantined"),
            duplicate=Sum("duplicate"),
        )
        .order_by("call__slug", "party_id")
    )
    latest = {
        (each.party_id, each.call_id): each
        for each in mine.order_by("party_id", "call_id", "-submitted_at").distinct(
            "party_id", "call_id"
        )
    }
    found = []
    for line in sums:
        last = latest[line["party_id"], line["call_id"]]
        found.append(
            {
                "party": str(line["party_id"]),
                "call": line["call__slug"],
                "pushes": line["pushes"],
                "last_push": rfc3339(last.submitted_at),
                "last_state": last.state,
                "counts": {
                    name: line[name]
                    for name in ("received", "accepted", "quarantined", "duplicate")
                },
                "error_rate": _rate(line["quarantined"], line["received"]),
                "returned": line["returned"],
                "drift": drift_of(last),
            }
        )
    return found


def _rate(part: int, whole: int) -> str | None:
    return f"{float(Fraction(part, whole)):.4f}" if whole else None
