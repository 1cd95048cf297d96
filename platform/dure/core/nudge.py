"""Wake a worker. A nudge that gets lost costs seconds, because the clock sweeps what waits."""

from __future__ import annotations

import logging
import time
from typing import Any

from celery import Task
from django.conf import settings
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

#: After a broker did not answer it is left alone for so long: asking costs more than the work.
QUIET_S = 1.0
_unanswered: list[float] = []


def nudge(
    task: Task[..., Any],  # Any: a task's result is never read
    *arguments: str,
    queue: str = "default",
) -> None:
    """Send the task if a broker is there; never fail the caller, whose work is committed."""
    if not settings.NUDGE:
        return
    if _unanswered and time.monotonic() - _unanswered[0] < QUIET_S:
        return
    try:
        task.apply_async(args=arguments, queue=queue, retry=False)
        _unanswered.clear()
    except (OperationalError, OSError) as error:
        _unanswered[:] = [time.monotonic()]
        logger.warning("no broker for %s (%s)", task.name, type(error).__name__)
