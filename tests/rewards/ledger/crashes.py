"""Processes that die in the middle of a bulk posting, at a chosen point."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

import pytest
from django.db import transaction

from rewards.ledger.bulk import job, steps
from tests.forking import forget_the_parents_connections
from tests.rewards.money import CLERK

STEPS: Final = ("freeze", "load", "index", "seal", "publish")


def kill_me() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def dying_at(step: str, *, committed: bool, batch_id: UUID, kill: Callable[[], None]) -> None:
    """Run a batch in a child that calls ``kill`` at the end of a step, before or after its commit.

    A step that runs several times is survived once. Returns when the child is gone.
    """
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    try:
        forget_the_parents_connections()
        original, calls = getattr(steps, step), 0

        def dying(**arguments: Any) -> Any:  # Any: whatever the step takes and answers
            nonlocal calls
            calls += 1
            if step == "load" and calls == 1:
                return original(**arguments)
            if committed:
                answer = original(**arguments)
                kill()
                return answer
            with transaction.atomic():
                answer = original(**arguments)
                kill()
            return answer

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(steps, step, dying)
            job.run(acting=CLERK, batch_id=batch_id)
    finally:
        os._exit(0)
