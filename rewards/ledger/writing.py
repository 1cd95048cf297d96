"""The few statements that write the ledger; each handles thousands of rows.

Order within a transaction, under READ COMMITTED: keys of transfers first, then the locks of all
balances in one statement and in the order of their ids, then reading and moving in later
statements, because a lock that had to wait does not refresh the snapshot of its own statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final, NamedTuple
from uuid import UUID, uuid4

from django.db import connection

from rewards.ledger.orders import TransferOrder
from rewards.models import TransferState
from rewards.problems import INSUFFICIENT, TRANSFER_MISMATCH

#: Legs in one statement; a batch beyond it is moved in several, all in the same transaction.
LEGS_AT_ONCE: Final = 100_000


#: Between texts that travel together; PostgreSQL's chr(31).
SEPARATOR: Final = "\x1f"


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


# A column of thousands of values travels as one string: far cheaper to write than an array.
_INSERT: Final = """
INSERT INTO rewards_transfer (id, idem, req_hash, kind, state, pending_id, reverses_id, reference,
                              effective_at, posted_at, actor)
SELECT id, idem, req_hash, kind, state, pending_id, reverses_id, substr(reference, 2),
       effective_at, %s, %s
FROM unnest(string_to_array(%s, ',')::uuid[], string_to_array(%s, ',')::uuid[],
            string_to_array(%s, ','), string_to_array(%s, chr(31)), string_to_array(%s, ','),
            string_to_array(%s, ',', '-')::uuid[], string_to_array(%s, ',', '-')::uuid[],
            string_to_array(%s, chr(31)), string_to_array(%s, ',')::timestamptz[])
    AS t (id, idem, req_hash, kind, state, pending_id, reverses_id, reference, effective_at)
ORDER BY idem
ON CONFLICT (idem) DO NOTHING
"""

_STORED: Final = "SELECT idem, id, req_hash FROM rewards_transfer WHERE idem = ANY(%s)"

# With the locks comes which bulk postings still have shares outside balances: one way less.
_LOCK: Final = """
SELECT account_id, (SELECT array_agg(number ORDER BY place) FROM rewards_bulkbatch
                    WHERE state = 'posted' AND folded_at IS NULL)
FROM rewards_balance WHERE account_id = ANY(%s)
ORDER BY account_id FOR NO KEY UPDATE OF rewards_balance
"""

_SHORT: Final = """
SELECT b.account_id FROM (
    SELECT account_id, sum(amount) AS total
    FROM unnest(string_to_array(%s, ',')::bigint[], string_to_array(%s, ',')::bigint[])
        AS l (account_id, amount)
    GROUP BY account_id
) s JOIN rewards_balance b USING (account_id)
WHERE b.posted + s.total < b.floor + b.pending_out LIMIT 1
"""

_MOVE: Final = """
WITH leg AS MATERIALIZED (
    SELECT * FROM unnest(string_to_array(%s, ',')::uuid[], string_to_array(%s, ',')::int[],
                         string_to_array(%s, ',')::bigint[], string_to_array(%s, ',')::bigint[])
        WITH ORDINALITY AS l (transfer_id, seq, account_id, amount, place)
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
    ids = {header.idem: uuid4() for header in headers}
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [posted_at, actor, _joined(ids.values()), *_columns(headers)])
        if cursor.rowcount == len(ids):
            return {idem: Written(id_, True) for idem, id_ in ids.items()}
        hashes = {header.idem: header.req_hash for header in headers}
        cursor.execute(_STORED, [list(ids)])
        found: dict[UUID, Written] = {}
        for idem, id_, req_hash in cursor.fetchall():
            if hashes[idem] != req_hash:
                raise TRANSFER_MISMATCH.problem()
            found[idem] = Written(id_, id_ == ids[idem])
    return found


def _columns(headers: Sequence[Header]) -> list[str]:
    kinds, references = [h.kind for h in headers], [h.reference for h in headers]
    if any(SEPARATOR in text for text in (*set(kinds), *set(references))):
        raise ValueError("kinds and references are plain text")
    return [
        _joined(h.idem for h in headers),
        _joined(h.req_hash for h in headers),
        SEPARATOR.join(kinds),
        _joined(h.state.value for h in headers),
        _joined(h.pending or "-" for h in headers),
        _joined(h.reverses or "-" for h in headers),
        # A mark before each: an empty string alone would be no element at all.
        SEPARATOR.join(f".{reference}" for reference in references),
        _joined(h.effective_at.isoformat() for h in headers),
    ]


def _joined(values: Iterable[object]) -> str:
    return ",".join(map(str, values))


def lock_balances(accounts: set[int]) -> list[int]:
    """Take the balances of all the accounts, in the order of their ids.

    Answers the numbers of the bulk postings whose shares are not all in balances yet.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [sorted(accounts)])
        rows = cursor.fetchall()
    missing = accounts - {account for account, _ in rows}
    if missing:
        raise ValueError(f"no such account: {min(missing)}")
    return list(rows[0][1] or []) if rows else []


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
        transfers, seqs, accounts, amounts = (_joined(c) for c in zip(*legs, strict=True))
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
