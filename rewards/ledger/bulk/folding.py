"""Taking the shares of posted batches into balances: at first touch, or in the background.

What an account can spend is its balance and its shares that are not folded yet. Before a balance
moves, its shares become ordinary entries of it, with versions; each share once, because the locked
balance remembers up to which place it has taken them in (a trigger recomputes the sum).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import groupby
from typing import Final, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from dure.accounts.acting import Actor
from dure.core.clock import now
from rewards.ledger import writing
from rewards.ledger.orders import Leg, TransferOrder, derived_key, request_hash
from rewards.ledger.writing import Header
from rewards.models import (
    Account,
    AccountKind,
    BulkBatch,
    BulkFold,
    BulkState,
    TransferState,
)

#: Shares that one slice of background folding takes in, in one transaction.
SLICE: Final = 20_000
SLICES_AT_ONCE: Final = 10

_OPEN: Final = """
SELECT number FROM rewards_bulkbatch WHERE state = 'posted' AND folded_at IS NULL ORDER BY place
"""

# The list of batches stands in the text of the statement, so that only their partitions are read.
_SHARES: Final = """
SELECT b.id, b.place, b.account_id, b.kind, b.reference, e.account_id, e.amount
FROM unnest(%s::bigint[]) AS o (account_id) JOIN rewards_balance w USING (account_id)
JOIN rewards_bulkentry e ON e.account_id = o.account_id AND e.number >= 0 AND e.batch = ANY(%s)
JOIN rewards_bulkbatch b ON b.number = e.batch AND b.state = 'posted' AND b.place > w.folded
ORDER BY b.place, e.account_id
"""

# One statement, one snapshot: a share is never counted twice nor missed while it is taken in.
_HOLDINGS: Final = """
SELECT w.account_id, w.posted + coalesce((
    SELECT sum(e.amount) FROM rewards_bulkentry e
    JOIN rewards_bulkbatch b ON b.number = e.batch AND b.state = 'posted'
    WHERE e.batch = ANY(%s) AND e.number >= 0 AND e.account_id = w.account_id
      AND b.place > w.folded), 0), w.pending_out
FROM rewards_balance w WHERE w.account_id = ANY(%s)
"""

_REMEMBER: Final = (
    "UPDATE rewards_balance SET folded = %s WHERE account_id = ANY(%s) AND folded < %s"
)

_SLICE: Final = """
SELECT account_id FROM rewards_bulkentry
WHERE batch = %s AND number BETWEEN %s AND %s ORDER BY number
"""


class Share(NamedTuple):
    """A share on its way into a balance, in sub-units."""

    batch: UUID
    place: int
    through: int
    kind: str
    reference: str
    account: int
    amount: int


class Holding(NamedTuple):
    """What an account holds, in sub-units; ``spendable`` excludes what is held back.

    ``posted`` includes shares of bulk postings that the balance has not taken in yet.
    """

    posted: int
    pending_out: int

    @property
    def spendable(self) -> int:
        return self.posted - self.pending_out


def holdings(accounts: Collection[int]) -> dict[int, Holding]:
    """What accounts hold now; those that were never opened are absent."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN)
        batches = [number for (number,) in cursor.fetchall()]
        cursor.execute(_HOLDINGS, [batches, sorted(accounts)])
        return {
            account: Holding(int(posted), pending) for account, posted, pending in cursor.fetchall()
        }


def lock(accounts: Collection[int], *, acting: Actor) -> None:
    """Lock balances in the order of their ids, then bring them up to date with their shares.

    Accounts of batches are locked after all others, by everybody: so nobody waits in a circle.
    """
    batches = writing.lock_balances(set(accounts))
    if batches:
        _take_in(acting, batches, accounts)


@transaction.atomic
def fold(*, acting: Actor, accounts: Collection[int]) -> None:
    """Bring the balances of accounts up to date; changes nothing where they are."""
    if BulkBatch.objects.filter(state=BulkState.POSTED, folded_at=None).exists():
        lock(accounts, acting=acting)


def fold_wallets(*, acting: Actor, party_id: UUID) -> None:
    """Bring the wallets of a party up to date, so that its entries show every share."""
    own = Account.objects.filter(owner_id=party_id, kind=AccountKind.WALLET)
    fold(acting=acting, accounts=list(own.values_list("id", flat=True)))


@transaction.atomic
def fold_slice(*, acting: Actor, batch_id: UUID, size: int = SLICE) -> int:
    """Take the next shares of a posted batch into their balances; how many were looked at.

    0 means that all of them are. Two copies wait for one another and do not fold twice.
    """
    batch = BulkBatch.objects.select_for_update(no_key=True).get(id=batch_id)
    if batch.state != BulkState.POSTED or batch.folded_at is not None:
        return 0
    first, people = batch.rows_folded, batch.people or 0
    last = min(first + size, people) - 1
    with connection.cursor() as cursor:
        cursor.execute(_SLICE, [batch.number, first, last])
        accounts = [account for (account,) in cursor.fetchall()]
    if accounts:
        lock(accounts, acting=acting)
    batch.rows_folded = last + 1
    if last + 1 >= people:
        batch.folded_at = now()
    batch.save(update_fields=["rows_folded", "folded_at"])
    return len(accounts)


def fold_some(*, acting: Actor, slices: int = SLICES_AT_ONCE) -> int:
    """Take shares of the oldest posted batches in, a transaction for each slice; how many."""
    done = 0
    for _ in range(slices):
        batch = BulkBatch.objects.filter(state=BulkState.POSTED, folded_at=None).order_by("place")
        oldest = batch.values_list("id", flat=True).first()
        if oldest is None:
            break
        done += fold_slice(acting=acting, batch_id=oldest)
    return done


def _take_in(acting: Actor, batches: Sequence[int], accounts: Collection[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SHARES, [sorted(accounts), list(batches)])
        shares = [Share(*row) for row in cursor.fetchall()]
    if not shares:
        return
    writing.lock_balances({share.through for share in shares})
    orders: dict[UUID, TransferOrder] = {}
    for (batch, _), run in groupby(shares, key=lambda share: (share.batch, share.place)):
        own = list(run)
        legs = tuple(Leg(share.account, share.amount) for share in own if share.amount)
        if legs:
            out = Leg(own[0].through, -sum(leg.amount for leg in legs))
            key = derived_key("fold", batch, legs[0].account)
            orders[batch] = TransferOrder(key, own[0].kind, (out, *legs), own[0].reference)
    if orders:
        _write(acting, orders)
    newest = max(share.place for share in shares)
    with connection.cursor() as cursor:
        owners = sorted({share.account for share in shares})
        cursor.execute(_REMEMBER, [newest, owners, newest])


def _write(acting: Actor, orders: dict[UUID, TransferOrder]) -> None:
    moment = now()
    headers = [
        Header(
            idem=order.key,
            req_hash=request_hash("fold", order, batch),
            kind=order.kind,
            state=TransferState.POSTED,
            pending=None,
            reverses=None,
            reference=order.reference,
            effective_at=moment,
        )
        for batch, order in orders.items()
    ]
    written = writing.insert_headers(headers, posted_at=moment, actor=acting.ref)
    BulkFold.objects.bulk_create(
        BulkFold(transfer_id=written[order.key].id, batch_id=batch)
        for batch, order in orders.items()
    )
    writing.move([(written[order.key].id, order) for order in orders.values()])
