"""A broker that does not answer is left alone for a moment, and then asked again."""

from __future__ import annotations

from typing import Any

import pytest
from kombu.exceptions import OperationalError

from dure.core import nudge


class Task:
    """Stands for a Celery task whose broker is away, until it is back."""

    name = "a.task"

    def __init__(self) -> None:
        self.asked = 0
        self.away = True

    def apply_async(self, **_options: Any) -> None:  # Any: whatever Celery takes
        self.asked += 1
        if self.away:
            raise OperationalError("nobody there")


def test_a_broker_that_is_away_is_not_asked_at_every_commit(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.NUDGE = True
    clock = [100.0]
    monkeypatch.setattr("dure.core.nudge.time.monotonic", lambda: clock[0])
    monkeypatch.setattr(nudge, "_unanswered", [])
    task: Any = Task()
    nudge.nudge(task)
    clock[0] += nudge.QUIET_S / 2
    nudge.nudge(task)
    assert task.asked == 1
    clock[0] += nudge.QUIET_S
    task.away = False
    nudge.nudge(task)
    nudge.nudge(task)
    assert task.asked == 3
