"""Pay that waits: held back when a settlement is paid, and paid when its day has come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from fractions import Fraction
from uuid import UUID

from django.db import connection, transaction

from dure.accounts.acting import Actor
from dure.core.clock import now
from dure.core.problems import Problem
from rewards.epochs.facts import epoch_terms
from rewards.epochs.keys import HELD, held_key
from rewards.ledger.orders import TransferOrder
from rewards.ledger.services import hold_many, post_hold
from rewards.models import CheckState, ClaimCheck, Epoch, HeldReward
from rewards.problems import HOLD_RESOLVED
from rewards.valuation.deterrence import held_part

RELEASED_AT_ONCE = 5_000


def held_parts(epoch: Epoch, rewards: Mapping[UUID, int]) -> dict[UUID, int]:
    """What waits of rewards by contribution, in sub-units; only where something does."""
    stated = epoch_terms(epoch)["parameters"].get("deterrence")
    if stated is None:
        return {}
    share = Fraction(stated["hold_back"])
    parts = {contribution: held_part(reward, share) for contribution, reward in rewards.items()}
    return {contribution: part for contribution, part in parts.items() if part}


def hold_back(
    *,
    acting: Actor,
    epoch: Epoch,
    pool: int,
    wallets: Mapping[UUID, int],
    held: Mapping[UUID, int],
) -> None:
    """Hold parts of rewards back on the pool, inside the approval of their epoch.

    ``wallets`` are accounts and ``held`` sub-units, both by contribution.
    """
    if not held:
        return
    stated = epoch_terms(epoch)["parameters"]["deterrence"]
    due = now() + timedelta(days=stated["hold_back_days"])
    orders = [
        TransferOrder.between(
            key=held_key(epoch.id, contribution),
            kind=HELD,
            source=pool,
            target=wallets[contribution],
            amount=part,
            reference=f"epoch:{epoch.id}",
        )
        for contribution, part in held.items()
    ]
    holds = hold_many(acting=acting, orders=orders)
    HeldReward.objects.bulk_create(
        (
            HeldReward(
                epoch=epoch, contribution_id=contribution, hold_id=hold, amount=part, due_at=due
            )
            for (contribution, part), hold in zip(held.items(), holds, strict=True)
        ),
        batch_size=5_000,
    )


def lock_held(hold_id: UUID) -> None:
    """Until the transaction ends, nobody else pays what waits or makes a finding against it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(hold_id)])


def release_due(*, acting: Actor) -> int:
    """Pay what has waited long enough; how many parts. Safe to run twice, also side by side.

    What a finding waits against stays until that is decided.
    """
    due = HeldReward.objects.filter(due_at__lte=now(), hold__resolutions=None)
    paid = 0
    for held in due.order_by("due_at", "id")[:RELEASED_AT_ONCE]:
        paid += _release(acting, held)
    return paid


@transaction.atomic
def _release(acting: Actor, held: HeldReward) -> bool:
    lock_held(held.hold_id)
    standing = ClaimCheck.objects.filter(
        drawing__epoch=held.epoch_id,
        contribution=held.contribution_id,
        state__in=[CheckState.PROPOSED, CheckState.UPHELD],
    )
    if standing.exists():
        return False
    try:
        return post_hold(acting=acting, hold_id=held.hold_id).created
    except Problem as problem:
        if problem.kind is not HOLD_RESOLVED:  # it went back to the pool meanwhile
            raise
    return False
