"""Tasks of the ground."""

from __future__ import annotations

from celery import shared_task

from dure.core import outbox


@shared_task(name="dure.core.drain_outbox", ignore_result=True)
def drain_outbox() -> None:
    outbox.drain()
