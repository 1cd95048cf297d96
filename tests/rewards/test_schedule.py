"""What runs by the clock exists under the name it is called by."""

from __future__ import annotations

from rewards import tasks
from rewards.schedule import SCHEDULE


def test_every_task_of_this_room_runs_by_the_clock_under_its_own_name() -> None:
    named = {str(entry["task"]) for entry in SCHEDULE.values()}
    assert {tasks.expire_holds.name, tasks.pay_dividends.name, tasks.sweep_bulk.name} <= named
    assert all(callable(getattr(tasks, name.rpartition(".")[2])) for name in named)
