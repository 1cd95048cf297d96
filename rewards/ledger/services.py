"""Moving value: post, hold, resolve, reverse. Each order happens once, however often it is given.

Amounts are integers of sub-units. Everything runs in one transaction, so that the caller's fact,
its log entry and the money commit together.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from dure.accounts.acting import Actor
from dure.core.clock import now
from dure.core.money import AMOUNT_MAX
from dure.core.problems import Problem
from governance.log.services import record
from rewards.ledger import writing
from rewards.ledger.bulk import folding
from rewards.ledger.durability import require_durable
from rewards.ledger.orders import Leg, Posted, TransferOrder, derived_key, request_hash
from rewards.ledger.writing import Header
from rewards.models import Account, Entry, Hold, Transfer, TransferState
from rewards.problems import ALREADY_REVERSED, HOLD_RESOLVED, TRANSFER_MISMATCH


@transaction.atomic
def post(*, acting: Actor, transfers: Sequence[TransferOrder]) -> list[Posted]:
    """Post transfers, all or none; answers come in the order of the orders.

    An order whose key was posted before changes nothing and gets the stored answer. Floors are
    kept by the batch as a whole. Raises INSUFFICIENT (409), TRANSFER_MISMATCH (409) for a key
    with other content, NOT_DURABLE (503), ValueError for an order that cannot be meant.
    """
    require_durable()
    orders = _distinct(transfers)
    if not orders:
        return []
    written = _write(acting, [_header(order) for order in orders.values()])
    fresh = [(written[key].id, order) for key, order in orders.items() if written[key].created]
    if fresh:
        folding.lock({leg.account for _, order in fresh for leg in order.legs}, acting=acting)
        writing.move(fresh)
    return [Posted(written[order.key].id, written[order.key].created) for order in transfers]


@transaction.atomic
def reverse(*, acting: Actor, transfer_id: UUID, reason: str) -> Posted:
    """Undo a posted transfer by a new one that names it, once; the log says so.

    ``reason`` is a code, not a sentence about a person. Raises ALREADY_REVERSED (409),
    INSUFFICIENT (409) where what was given is no longer there.
    """
    require_durable()
    original = Transfer.objects.get(id=transfer_id)
    entries = Entry.objects.filter(transfer=original).order_by("seq")
    legs = tuple(
        Leg(account, -amount) for account, amount in entries.values_list("account_id", "amount")
    )
    if not legs or original.reverses_id is not None:
        raise ValueError("only a transfer that moved something, and no reversal, is reversed")
    key = derived_key("reversal", original.id)
    order = TransferOrder(key, "reversal", legs, original.reference)
    header = _header(order, reverses=original.id)
    written = _write(acting, [header])[key]
    if not written.created:
        raise ALREADY_REVERSED.problem()
    folding.lock({leg.account for leg in legs}, acting=acting)
    writing.move([(written.id, order)])
    record(
        kind="transfer.reversed",
        acting=acting,
        subject=None,
        payload={"transfer": str(original.id), "reversal": str(written.id), "reason": reason},
    )
    return Posted(written.id, True)


@transaction.atomic
def hold(*, acting: Actor, order: TransferOrder, expires_at: datetime | None = None) -> Posted:
    """Hold the amount of a two-legged order back on its source until it is posted or voided.

    With ``expires_at`` it becomes free again after that moment (``expire_holds``).
    """
    require_durable()
    source, target = _source_and_target(order)
    written = _write(acting, [_header(order, state=TransferState.PENDING)])[order.key]
    if written.created:
        folding.lock({source.account, target.account}, acting=acting)
        writing.hold_back(source.account, target.amount)
        asset = Account.objects.values_list("asset", flat=True).get(id=source.account)
        Hold.objects.create(
            transfer_id=written.id,
            source_id=source.account,
            target_id=target.account,
            asset=asset,
            amount=target.amount,
            expires_at=expires_at,
        )
    return Posted(written.id, written.created)


@transaction.atomic
def post_hold(*, acting: Actor, hold_id: UUID, amount: int | None = None) -> Posted:
    """Let what was held go where it was meant to; once. Raises HOLD_RESOLVED (409).

    ``amount`` posts only so many sub-units and gives the rest back; ValueError where it is not
    above 0 or more than was held. An expired hold is posted as long as nobody has released it.
    """
    return _resolve(acting, hold_id, TransferState.POST, amount)


@transaction.atomic
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
    require_durable()
    held = Hold.objects.select_related("transfer").get(transfer_id=hold_id)
    amount = held.amount if part is None else part
    if not 0 < amount <= held.amount:
        raise ValueError("a hold is posted in whole or in part")
    key = derived_key("resolution", hold_id)
    order = TransferOrder.between(
        key=key,
        kind=held.transfer.kind,
        source=held.source_id,
        target=held.target_id,
        amount=amount,
        reference=held.transfer.reference,
    )
    try:
        written = _write(acting, [_header(order, state=state, pending=hold_id)])[key]
    except Problem as problem:
        if problem.kind is TRANSFER_MISMATCH:  # resolved before, the other way
            raise HOLD_RESOLVED.problem() from problem
        raise
    if written.created:
        folding.lock({held.source_id, held.target_id}, acting=acting)
        writing.hold_back(held.source_id, -held.amount)
        if state is TransferState.POST:
            writing.move([(written.id, order)])
    return Posted(written.id, written.created)


def _header(
    order: TransferOrder,
    *,
    state: TransferState = TransferState.POSTED,
    pending: UUID | None = None,
    reverses: UUID | None = None,
) -> Header:
    return Header(
        idem=order.key,
        req_hash=request_hash(state.value, order, pending or "", reverses or ""),
        kind=order.kind,
        state=state,
        pending=pending,
        reverses=reverses,
        reference=order.reference,
        effective_at=order.effective_at or now(),
    )


def _write(acting: Actor, headers: Sequence[Header]) -> dict[UUID, writing.Written]:
    return writing.insert_headers(headers, posted_at=now(), actor=acting.ref)


def _distinct(transfers: Sequence[TransferOrder]) -> dict[UUID, TransferOrder]:
    """Orders by key; the same order given twice in a batch is one order."""
    orders: dict[UUID, TransferOrder] = {}
    for order in transfers:
        if orders.setdefault(order.key, order) != order:
            raise TRANSFER_MISMATCH.problem()
        amounts = [leg.amount for leg in order.legs]
        if len(amounts) < 2 or sum(amounts) != 0 or 0 in amounts:
            raise ValueError("a transfer has legs that are not zero and sum to zero")
        if max(map(abs, amounts)) > AMOUNT_MAX:
            raise ValueError("a leg is larger than an account can hold")
    return orders


def _source_and_target(order: TransferOrder) -> tuple[Leg, Leg]:
    if len(order.legs) != 2 or sum(leg.amount for leg in order.legs) != 0:
        raise ValueError("a hold goes from one account to another")
    source, target = sorted(order.legs, key=lambda leg: leg.amount)
    if target.amount <= 0:
        raise ValueError("a hold holds something")
    return source, target
