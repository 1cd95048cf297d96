"""Celery as in production, with stages that kill their worker where a story asks for it.

A story writes a file `<stage>.<moment>.<name>` with a receipt number in it; the worker that
reaches this moment with that contribution removes the file and kills itself with -9. A file whose
name begins with "always" stays, one that begins with "database" kills the database instead. The
clock ticks faster, so that the stories do not wait for it.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from celery.signals import worker_init

from dure.celery import app

__all__ = ["app"]

FOLDER = Path(os.environ["STORY_FAULTS"])
TICK_S = 1.0
#: Seconds of a lease, where a story does not want to wait for the ordinary one.
LEASE_S = float(os.environ.get("STORY_LEASE_S", "0"))
#: Moments of a stage: before it works, in the transaction that settles it, after the commit.
BEFORE, SETTLING, AFTER = "before", "settling", "after"
Work = Callable[..., Any]  # Any: the wrapped function's own


def die(stage: str, moment: str, receipt: str) -> None:
    """Kill this process where the story asks for it."""
    for path in FOLDER.glob(f"{stage}.{moment}.*"):
        try:
            asked = path.read_text()
        except FileNotFoundError:
            continue
        if asked != receipt:
            continue
        with (FOLDER / "deaths").open("a") as deaths:
            deaths.write(f"{receipt} {stage} {moment}\n")
        if ".always" not in path.name:
            path.unlink(missing_ok=True)
        if ".database" in path.name:
            lines = (Path(os.environ["STORY_DATABASE"]) / "postmaster.pid").read_text().splitlines()
            os.kill(int(lines[0]), signal.SIGKILL)
        else:
            os.kill(os.getpid(), signal.SIGKILL)


@worker_init.connect
def make_deadly(**_kwargs: object) -> None:
    """Wrap the stages, in the parent, before it forks."""
    from contributions.models import Contribution, Stage
    from contributions.parts import Told, untold
    from contributions.pipeline import lease, quality, sweep, tasks, together
    from contributions.pipeline.settled import Settle, Settled, StageWork
    from contributions.pipeline.stages import STEPS

    def deadly(step: StageWork) -> StageWork:
        def work(contribution: Contribution) -> Settle:
            die(step.stage, BEFORE, contribution.receipt)
            settle = step.work(contribution)

            def settling(held: Contribution) -> Settled:
                settled = settle(held)
                die(step.stage, SETTLING, held.receipt)
                return settled

            return settling

        return StageWork(step.stage, step.code_version, step.reads, work)

    assert isinstance(STEPS, dict)
    for stage in Stage:
        STEPS[stage] = deadly(STEPS[stage])
    run_stage, typed_records, write = tasks.run_stage, quality.typed_records, together.write  # type: ignore[attr-defined]

    def running(contribution_id: Any, step: StageWork) -> bool:  # Any: an id
        going_on = run_stage(contribution_id, step)
        receipt = Contribution.objects.values_list("receipt", flat=True).get(id=contribution_id)
        die(step.stage, AFTER, receipt)
        return going_on

    def typing(contribution: Contribution, told: Told = untold) -> quality.Typed:
        die("together", Stage.QUALITY, contribution.receipt)
        return typed_records(contribution, told)

    def writing(passages: Any) -> None:  # Any: the pipeline's own
        write(passages)
        for passage in passages:
            die("together", SETTLING, passage.contribution.receipt)

    tasks.run_stage = running  # type: ignore[attr-defined]
    quality.typed_records = typing
    together.write = writing  # type: ignore[attr-defined]
    sweep.QUIET = timedelta(seconds=TICK_S)
    if LEASE_S:
        lease.LEASE_S, lease.RENEWAL_S = LEASE_S, LEASE_S / 3


@app.on_after_finalize.connect
def tick_faster(sender: Any, **_kwargs: object) -> None:  # Any: the application
    for entry in sender.conf.beat_schedule.values():
        if isinstance(entry["schedule"], float | int) and entry["schedule"] <= 5:
            entry["schedule"] = TICK_S
