"""What workers do for this room."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from dure.accounts.acting import Actor
from rewards.dividends.services import pay
from rewards.holdback import drawing, giving_back
from rewards.holdback.services import release_due
from rewards.ledger import services
from rewards.ledger.bulk import folding, job
from rewards.models import Dividend, DividendState
from rewards.rails import retention
from rewards.wallet import unclaimed


@shared_task(name="rewards.tasks.expire_holds", ignore_result=True)
def expire_holds() -> None:
    """Free what was held until a moment that has passed."""
    services.expire_holds(acting=Actor.system("worker"))


@shared_task(name="rewards.tasks.post_bulk", ignore_result=True)
def post_bulk(batch: str) -> None:
    """Carry one bulk posting on; does nothing where another worker is at it."""
    job.run(acting=Actor.system("worker"), batch_id=UUID(batch))


@shared_task(name="rewards.tasks.sweep_bulk", ignore_result=True)
def sweep_bulk() -> None:
    """Carry on what was cut short, then take shares of posted batches into their balances."""
    for batch_id in job.waiting():
        job.run(acting=Actor.system("worker"), batch_id=batch_id)
    folding.fold_some(acting=Actor.system("worker"))


@shared_task(name="rewards.tasks.pay_dividends", ignore_result=True)
def pay_dividends() -> None:
    """Pay what frozen dividends still owe; goes on where an earlier run was cut short."""
    open_ones = Dividend.objects.filter(state=DividendState.PAYING).order_by("frozen_at")
    for dividend_id in open_ones.values_list("id", flat=True):
        pay(acting=Actor.system("worker"), dividend_id=dividend_id)


@shared_task(name="rewards.tasks.care_for_unclaimed", ignore_result=True)
def care_for_unclaimed() -> None:
    """Set aside what nobody uses, warn, and give to the funds what nobody claimed in time."""
    unclaimed.run(acting=Actor.system("worker"))


@shared_task(name="rewards.tasks.purge_payout_files", ignore_result=True)
def purge_payout_files() -> None:
    """Purge files of pay-outs that are kept no longer."""
    retention.purge_files()


@shared_task(name="rewards.tasks.release_held_rewards", ignore_result=True)
def release_held_rewards() -> None:
    """Draw what is to be checked of paid settlements, and pay what has waited long enough."""
    drawing.draw_waiting(acting=Actor.system("worker"))
    release_due(acting=Actor.system("worker"))


@shared_task(name="rewards.tasks.run_clock_of_giving_back", ignore_result=True)
def run_clock_of_giving_back() -> None:
    """Tell of amounts that should have been given back, or soon have to be."""
    giving_back.run_clock()
