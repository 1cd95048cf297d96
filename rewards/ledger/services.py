"""Moving value: post, hold, resolve, reverse. Each order happens once, however often it is given.

Amounts are integers of sub-units. Each movement is one statement: in the transaction of a caller it
commits together with the caller's fact and its log entry, by itself it is a transaction of its own.
What is refused has written nothing, so a caller may go on.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from dure.accounts.acting import Actor
from dure.core.clock import now
from dure.core.problems import Problem
from governance.log.services import record
from rewards.ledger import writing
from rewards.ledger.orders import Leg, Posted, TransferOrder, derived_key, request_hash
from rewards.models import Entry, Hold, Transfer, TransferState
from rewards.problems import ALREADY_REVERSED, HOLD_RESOLVED, TRANSFER_MISMATCH

POSTED: Final = TransferState.POSTED.value


def post(*, acting: Actor, transfers: Sequence[TransferOrder]) -> list[Posted]:
    """Post transfers, all or none; answers come in the order of the orders.

    An order whose key was posted before changes nothing and gets the stored answer. Floors are
    kept by the batch as a whole: one refusal refuses all of it. Raises INSUFFICIENT (409),
    TRANSFER_MISMATCH (409) for a key with other content, OTHER_ASSET (422) where an amount would
    change its asset, PERIOD_CLOSED (409), TOO_LARGE (422), NOT_DURABLE (503), ValueError for an
    order that cannot be meant.
    """
    if not transfers:
        return []
    orders = _distinct(transfers)
    given = list(orders.values())
    written = writing.post(
        given,
        hash_of=lambda order: request_hash(POSTED, order, "", ""),
        moment=now(),
        actor=acting.ref,
    )
    if len(given) == len(transfers):
        return written
    answers = dict(zip(orders, written, strict=True))
    return [answers[order.key] for order in transfers]


def lock(*, acting: Actor, accounts: Collection[int]) -> None:
    """Keep others from moving anything on accounts until the caller's transaction ends."""
    writing.fold(accounts, moment=now(), actor=acting.ref)


@transaction.atomic
def reverse(*, acting: Actor, transfer_id: UUID, reason: str) -> Posted:
    """Undo a posted transfer by a new one that names it, once; the log says so.

    ``reason`` is a code, not a sentence about a person. Raises ALREADY_REVERSED (409),
    INSUFFICIENT (409) where what was given is no longer there.
    """
    original = Transfer.objects.get(id=transfer_id)
    entries = Entry.objects.filter(transfer=original).order_by("seq")
    legs = tuple(
        Leg(account, -amount) for account, amount in entries.values_list("account_id", "amount")
    )
    if not legs or original.reverses_id is not None:
        raise ValueError("only a transfer that moved something, and no reversal, is reversed")
    key = derived_key("reversal", original.id)
    order = TransferOrder(key, "reversal", legs, original.reference)
    ((id_, created),) = writing.post(
        [order],
        hash_of=lambda undoing: request_hash(POSTED, undoing, "", original.id),
        moment=now(),
        actor=acting.ref,
        undone=original.id,
    )
    if not created:
        raise ALREADY_REVERSED.problem()
    record(
        kind="transfer.reversed",
        acting=acting,
        subject=None,
        payload={"transfer": str(original.id), "reversal": str(id_), "reason": reason},
    )
    return Posted(id_, True)


def hold(*, acting: Actor, order: TransferOrder, expires_at: datetime | None = None) -> Posted:
    """Hold the amount of a two-legged order back on its source until it is posted or voided.

    With ``expires_at`` it becomes free again after that moment (``expire_holds``). Raises what
    ``post`` raises.
    """
    meant = order._replace(legs=_source_and_target(order))
    return Posted(
        *writing.hold(
            meant,
            request_hash(TransferState.PENDING.value, order, "", ""),
            expires_at=expires_at,
            moment=now(),
            actor=acting.ref,
        )
    )


def hold_many(*, acting: Actor, orders: Sequence[TransferOrder]) -> list[UUID]:
    """Hold the amounts of new two-legged orders back on their one source, all or none.

    Orders share kind and reference; ids of the holds come in their order. Raises what ``post``
    raises, and TRANSFER_MISMATCH (409) also for an order that was given before.
    """
    if not orders:
        return []
    meant = [order._replace(legs=_source_and_target(order)) for order in orders]
    hashes = [request_hash(TransferState.PENDING.value, order, "", "") for order in meant]
    return writing.hold_many(meant, hashes, moment=now(), actor=acting.ref)


def post_hold(*, acting: Actor, hold_id: UUID, amount: int | None = None) -> Posted:
    """Let what was held go where it was meant to; once. Raises HOLD_RESOLVED (409).

    ``amount`` posts only so many sub-units and gives the rest back; ValueError where it is not
    above 0 or more than was held. An expired hold is posted as long as nobody has released it.
    """
    return _resolve(acting, hold_id, TransferState.POST, amount)


def void_hold(*, acting: Actor, hold_id: UUID) -> Posted:
    """Give what was held back to its source; once. Raises HOLD_RESOLVED (409)."""
    return _resolve(acting, hold_id, TransferState.VOID)


@transaction.atomic
def expire_holds(*, acting: Actor, limit: int = 1_000) -> int:
    """Release holds whose time is over; how many. Safe beside others that resolve them."""
    over = Hold.objects.filter(expires_at__lt=now(), transfer__resolutions=None)
    released = 0
    for hold_id in over.order_by("expires_at").values_list("transfer_id", flat=True)[:limit]:
        try:
            released += void_hold(acting=acting, hold_id=hold_id).created
        except Problem as problem:
            if problem.kind is not HOLD_RESOLVED:  # somebody posted it meanwhile
                raise
    return released


def _resolve(acting: Actor, hold_id: UUID, state: TransferState, part: int | None = None) -> Posted:
    held = Hold.objects.select_related("transfer").get(transfer_id=hold_id)
    amount = held.amount if part is None else part
    if not 0 < amount <= held.amount:
        raise ValueError("a hold is posted in whole or in part")
    order = TransferOrder.between(
        key=derived_key("resolution", hold_id),
        kind=held.transfer.kind,
        source=held.source_id,
        target=held.target_id,
        amount=amount,
        reference=held.transfer.reference,
    )
    return Posted(
        *writing.resolve(
            order.key,
            request_hash(state.value, order, hold_id, ""),
            hold_id=hold_id,
            amount=amount if state is TransferState.POST else 0,
            moment=now(),
            actor=acting.ref,
        )
    )


def _distinct(transfers: Sequence[TransferOrder]) -> dict[UUID, TransferOrder]:
    """Orders by key; the same order given twice in a batch is one order."""
    orders = {order.key: order for order in transfers}
    if len(orders) < len(transfers) and any(orders[order.key] != order for order in transfers):
        raise TRANSFER_MISMATCH.problem()
    return orders


def _source_and_target(order: TransferOrder) -> tuple[Leg, Leg]:
    if len(order.legs) != 2 or sum(leg.amount for leg in order.legs) != 0:
        raise ValueError("a hold goes from one account to another")
    source, target = sorted(order.legs, key=lambda leg: leg.amount)
    if target.amount <= 0:
        raise ValueError("a hold holds something")
    return source, target
