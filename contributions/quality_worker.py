"""Workers of the `quality` queue load the checking engine once, in the parent, before they fork.

The engine takes seconds to import and some hundred megabytes: children share both. Other workers
and the web never load it.
"""

from __future__ import annotations

from celery import signals
from celery.worker import WorkController

QUEUE = "quality"


@signals.worker_init.connect
def warm_before_fork(sender: WorkController, **_kwargs: object) -> None:
    """Load the engine where this worker consumes the quality queue."""
    if QUEUE not in sender.app.amqp.queues.consume_from:
        return
    from contributions.quality import engine

    engine.warm()
