"""What workers do for this room."""

from __future__ import annotations

from celery import shared_task

from dure.accounts.acting import Actor
from rewards.ledger import services


@shared_task(name="rewards.tasks.expire_holds", ignore_result=True)
def expire_holds() -> None:
    """Free what was held until a moment that has passed."""
    services.expire_holds(acting=Actor.system("worker"))
