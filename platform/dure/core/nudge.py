"""Wake a worker. A nudge that gets lost costs seconds, because the clock sweeps what waits."""

from __future__ import annotations

import logging
from typing import Any

from celery import Task
from django.conf import settings
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def nudge(
    task: Task[..., Any],  # Any: a task's result is never read
    *arguments: str,
    queue: str = "default",
) -> None:
    """Send the task if a broker is there; never fail the caller, whose work is committed."""
    if not settings.NUDGE:
        return
    try:
        task.apply_async(args=arguments, queue=queue, retry=False)
    except (OperationalError, OSError) as error:
        logger.warning("no broker for %s (%s)", task.name, type(error).__name__)
