"""Taking the shares of posted batches into balances: at first touch, or in the background.

What an account can spend is its balance and its shares that are not folded yet. Before a balance
moves, its shares become ordinary entries of it, with versions; each share once, because the locked
balance remembers up to which place it has taken them in (a trigger recomputes the sum). The
statement that moves a balance does so itself (rewards/migrations/0011_one_statement.sql); the check
of it stands in 0015_many_at_once.sql.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from dure.accounts.acting import Actor
from dure.core.clock import now
from rewards.ledger import writing
from rewards.models import Account, AccountKind, BulkBatch, BulkState

#: Shares that one slice of background folding takes in, in one transaction. The time of a slice
#: grows with it and no faster; for so long, what somebody else wants to move in one of them waits.
SLICE: Final = 10_000
SLICES_AT_ONCE: Final = 20

_OPEN: Final = """
SELECT number FROM rewards_bulkbatch WHERE state = 'posted' AND folded_at IS NULL ORDER BY place
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

_SLICE: Final = """
SELECT account_id FROM rewards_bulkentry
WHERE batch = %s AND number BETWEEN %s AND %s ORDER BY number
"""


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


def fold(*, acting: Actor, accounts: Collection[int]) -> None:
    """Bring the balances of accounts up to date; changes nothing where they are."""
    if BulkBatch.objects.filter(state=BulkState.POSTED, folded_at=None).exists():
        writing.fold(accounts, moment=now(), actor=acting.ref)


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
        writing.fold(accounts, moment=now(), actor=acting.ref)
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
