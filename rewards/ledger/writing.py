"""The few statements that write the ledger; each handles thousands of rows.

Order within a transaction, under READ COMMITTED: keys of transfers first, then the locks of all
balances in one statement and in the order of their ids, then reading and moving in later
statements, because a lock that had to wait does not refresh the snapshot of its own statement.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final, NamedTuple
from uuid import UUID

from django.db import connection

from rewards.ledger.orders import TransferOrder
from rewards.models import TransferState
from rewards.problems import INSUFFICIENT, TRANSFER_MISMATCH

#: Legs in one statement; a batch beyond it is moved in several, all in the same transaction.
LEGS_AT_ONCE: Final = 100_000


class Header(NamedTuple):
    """A row of the table of transfers, before it has an id."""

    idem: UUID
    req_hash: str
    kind: str
    state: TransferState
    pending: UUID | None
    reverses: UUID | None
    reference: str
    effective_at: datetime


class Written(NamedTuple):
    """The transfer behind a key, and whether this call wrote it."""

    id: UUID
    created: bool


_INSERT: Final = """
INSERT INTO rewards_transfer (id, idem, req_hash, kind, state, pending_id, reverses_id, reference,
                              effective_at, posted_at, actor)
SELECT gen_random_uuid(), idem, req_hash, kind, state, pending_id, reverses_id, reference,
       effective_at, %s, %s
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::uuid[], %s::uuid[], %s::text[],
            %s::timestamptz[])
    AS t (idem, req_hash, kind, state, pending_id, reverses_id, reference, effective_at)
ORDER BY idem
ON CONFLICT (idem) DO NOTHING
RETURNING idem, id
"""

_STORED: Final = "SELECT idem, id, req_hash FROM rewards_transfer WHERE idem = ANY(%s)"

_LOCK: Final = """
SELECT account_id FROM rewards_balance WHERE account_id = ANY(%s)
ORDER BY account_id FOR NO KEY UPDATE
"""

_SHORT: Final = """
SELECT b.account_id FROM (
    SELECT account_id, sum(amount) AS total
    FROM unnest(%s::bigint[], %s::bigint[]) AS l (account_id, amount) GROUP BY account_id
) s JOIN rewards_balance b USING (account_id)
WHERE b.posted + s.total < b.floor + b.pending_out LIMIT 1
"""

_MOVE: Final = """
WITH leg AS MATERIALIZED (
    SELECT * FROM unnest(%s::uuid[], %s::int[], %s::bigint[], %s::bigint[]) WITH ORDINALITY
        AS l (transfer_id, seq, account_id, amount, place)
), entered AS (
    INSERT INTO rewards_entry (account_id, version, transfer_id, seq, asset, amount, after)
    SELECT l.account_id, b.version + row_number() OVER so_far, l.transfer_id, l.seq, a.asset,
           l.amount, (b.posted + sum(l.amount) OVER so_far)::bigint
    FROM leg l JOIN rewards_balance b USING (account_id) JOIN rewards_account a ON a.id = account_id
    WINDOW so_far AS (PARTITION BY l.account_id ORDER BY l.place ROWS UNBOUNDED PRECEDING)
)
UPDATE rewards_balance b SET posted = (b.posted + s.total)::bigint, version = b.version + s.legs
FROM (SELECT account_id, sum(amount) AS total, count(*) AS legs FROM leg GROUP BY account_id) s
WHERE b.account_id = s.account_id
"""


def insert_headers(
    headers: Sequence[Header], *, posted_at: datetime, actor: str
) -> dict[UUID, Written]:
    """Write the transfers whose keys are new; find the others. By key.

    Raises TRANSFER_MISMATCH if a key was used before for something else.
    """
    columns = [list(column) for column in zip(*headers, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [posted_at, actor, *columns])
        found = {idem: Written(id_, True) for idem, id_ in cursor.fetchall()}
        repeated = {h.idem: h.req_hash for h in headers if h.idem not in found}
        if repeated:
            cursor.execute(_STORED, [list(repeated)])
            for idem, id_, req_hash in cursor.fetchall():
                if repeated[idem] != req_hash:
                    raise TRANSFER_MISMATCH.problem()
                found[idem] = Written(id_, False)
    return found


def lock_balances(accounts: set[int]) -> None:
    """Take the balances of all the accounts, in the order of their ids."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [sorted(accounts)])
        missing = accounts - {account for (account,) in cursor.fetchall()}
    if missing:
        raise ValueError(f"no such account: {min(missing)}")


def move(orders: Sequence[tuple[UUID, TransferOrder]]) -> None:
    """Write the entries of transfers and their balances, which the caller has locked.

    Raises INSUFFICIENT if an account would end below its floor and what it holds.
    """
    for chunk in _chunks(orders):
        legs = [
            (transfer, seq, leg.account, leg.amount)
            for transfer, order in chunk
            for seq, leg in enumerate(order.legs)
        ]
        transfers, seqs, accounts, amounts = (list(c) for c in zip(*legs, strict=True))
        with connection.cursor() as cursor:
            cursor.execute(_SHORT, [accounts, amounts])
            if cursor.fetchone() is not None:
                raise INSUFFICIENT.problem()
            cursor.execute(_MOVE, [transfers, seqs, accounts, amounts])


def hold_back(account: int, amount: int) -> None:
    """Add to (or, negative, take from) what a locked account holds back.

    Raises INSUFFICIENT if it does not have as much to spend.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE rewards_balance SET pending_out = pending_out + %s WHERE account_id = %s"
            " AND posted >= floor + pending_out + %s",
            [amount, account, amount],
        )
        if cursor.rowcount != 1:
            raise INSUFFICIENT.problem()


def _chunks(
    orders: Sequence[tuple[UUID, TransferOrder]],
) -> Iterator[Sequence[tuple[UUID, TransferOrder]]]:
    """Runs of whole transfers with at most LEGS_AT_ONCE legs, or one larger transfer."""
    cuts, legs = [0], 0
    for place, (_, order) in enumerate(orders):
        if legs and legs + len(order.legs) > LEGS_AT_ONCE:
            cuts.append(place)
            legs = 0
        legs += len(order.legs)
    for start, end in pairwise([*cuts, len(orders)]):
        if start < end:
            yield orders[start:end]
