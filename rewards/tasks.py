"""What workers do for this room."""

from __future__ import annotations

from celery import shared_task

from dure.accounts.acting import Actor
from rewards.dividends.services import pay
from rewards.ledger import services
from rewards.models import Dividend, DividendState


@shared_task(name="rewards.tasks.expire_holds", ignore_result=True)
def expire_holds() -> None:
    """Free what was held until a moment that has passed."""
    services.expire_holds(acting=Actor.system("worker"))


@shared_task(name="rewards.tasks.pay_dividends", ignore_result=True)
def pay_dividends() -> None:
    """Pay what frozen dividends still owe; goes on where an earlier run was cut short."""
    open_ones = Dividend.objects.filter(state=DividendState.PAYING).order_by("frozen_at")
    for dividend_id in open_ones.values_list("id", flat=True):
        pay(acting=Actor.system("worker"), dividend_id=dividend_id)
