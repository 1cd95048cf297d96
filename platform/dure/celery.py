"""The Celery application.

A message is a hint: the truth of every job is a row in PostgreSQL, so losing, repeating or
reordering messages changes nothing.
"""

from __future__ import annotations

import os
from importlib import import_module

from celery import Celery
from celery.signals import beat_init, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dure.settings")

#: Rooms that run something by the clock name it in their ``schedule.SCHEDULE``.
SCHEDULES = (
    "dure.core.schedule",
    "dure.accounts.schedule",
    "governance.schedule",
    "contributions.schedule",
    "rewards.schedule",
    "portal.schedule",
)

app = Celery("dure")


@app.on_configure.connect
def configure(sender: Celery, **kwargs: object) -> None:
    from django.conf import settings

    sender.conf.update(
        broker_url=settings.BROKER_URL,
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=3,
        broker_transport_options={
            # Longer than the hard time limit, or a running task would be delivered twice.
            "visibility_timeout": 1200,
            "socket_connect_timeout": 3,
            # A sender without a broker gives up at once; the clock sweeps what waits.
            "max_retries": 1,
            "interval_start": 0,
            "interval_step": 0.1,
            "interval_max": 0.1,
        },
        task_publish_retry=False,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_time_limit=900,
        task_soft_time_limit=840,
        task_serializer="json",
        accept_content=["json"],
        task_default_queue="default",
        task_store_errors_even_if_ignored=False,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        timezone="UTC",
    )


@app.on_after_finalize.connect
def gather_schedules(sender: Celery, **kwargs: object) -> None:
    for name in SCHEDULES:
        sender.conf.beat_schedule.update(import_module(name).SCHEDULE)


@worker_init.connect
@beat_init.connect
def refuse_unready(**kwargs: object) -> None:
    """No worker and no clock starts while the platform may not serve anybody.

    After a restore that means: before the erasures that the backup has undone are replayed.
    """
    health = import_module("dure.core.health")  # models can only be imported from here on
    try:
        health.refuse_unready()
    except health.NotReady as reason:
        # Celery logs and passes over exceptions of its receivers, all but this one.
        raise SystemExit(f"The workers do not start: {reason}") from None


app.autodiscover_tasks()
