"""The few statements that write the ledger: each a function of the owner of its tables.

In each function, under READ COMMITTED: the locks of all balances in one statement and in the order
of their ids, then keys of transfers, reading and moving in later statements, because a lock that
had to wait does not refresh the snapshot of its own statement (rewards/migrations/
0011_one_statement.sql, 0023_batches_by_arrays.sql, 0024_one_at_a_time.sql). What a function
refuses it has not written.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import chain, repeat
from typing import Final, TypeVar
from uuid import UUID

from django.db import DatabaseError, transaction

from dure.core.bound_cursor import ahead, bound_cursor
from dure.core.columns import Column, bigints, integers, uuids
from dure.core.problems import Problem, ProblemKind
from rewards.ledger.orders import Posted, TransferOrder, require_meaning
from rewards.problems import (
    ALREADY_REVERSED,
    HOLD_RESOLVED,
    INSUFFICIENT,
    NOT_DURABLE,
    OTHER_ASSET,
    PERIOD_CLOSED,
    TOO_LARGE,
    TRANSFER_MISMATCH,
)

#: Between texts that travel together; PostgreSQL's chr(31).
SEPARATOR: Final = "\x1f"

#: What no column of amounts can hold more than.
BIGINT_MAX: Final = (1 << 63) - 1

#: From so many orders on, a batch is written in so many slices or more, each of no more than that.
SLICED: Final = 1_000
SLICES: Final = 4
SLICE: Final = 5_000

_REFUSALS: Final[dict[str, ProblemKind]] = {
    "floor": INSUFFICIENT,
    "key": TRANSFER_MISMATCH,
    "asset": OTHER_ASSET,
    "size": TOO_LARGE,
    "period": PERIOD_CLOSED,
    "durable": NOT_DURABLE,
    "reversed": ALREADY_REVERSED,
    "resolved": HOLD_RESOLVED,
}

#: What a function that answers nothing refuses with.
_STATES: Final = {"DU404": "account", "DU503": "durable"}

# Columns of thousands of numbers and ids travel in binary; what may hold any character travels as
# one text between separators. A column that says the same of all travels as one value.
_POST: Final = """
SELECT refusal, key, transfer FROM rewards_post(
    %s::uuid[], %s::uuid[], string_to_array(%s, ','), string_to_array(%s, chr(31)),
    string_to_array(%s, chr(31)), %s::timestamptz[], %s, %s::int[], %s::int[], %s::bigint[],
    %s::bigint[], %s::int[], %s::bigint[], %s::bigint[], %s::int[], %s::bigint[], %s, %s)
"""

_POST_ONE: Final = """
SELECT refusal, transfer FROM rewards_post_one(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""

_HOLD: Final = """
SELECT refusal, transfer FROM rewards_hold_back(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""

_HOLD_MANY: Final = """
SELECT refusal FROM rewards_hold_many(
    %s::uuid[], %s::uuid[], %s::text[], %s, %s, %s, %s::bigint[], %s::bigint[], %s, %s)
"""

_RESOLVE: Final = "SELECT refusal, transfer FROM rewards_resolve(%s, %s, %s, %s, %s, %s, %s)"

T = TypeVar("T")
_Row = tuple[str | None, UUID, UUID]
_Columns = list[Column | str | datetime | UUID | None]

_FOLD: Final = "SELECT rewards_fold(%s::bigint[], %s, %s)"


def new_ids(moment: datetime, count: int) -> list[UUID]:
    """Ids in the order of time (RFC 9562, version 7), so that the indexes grow at their end.

    74 random bits each, so none can be guessed.
    """
    stamp = first_id(moment).int | 0x7 << 76 | 0x2 << 62
    keep = (1 << 76) - 1 ^ (0x3 << 62)
    random = os.urandom(10 * count)
    drawn = [int.from_bytes(random[at : at + 10]) & keep for at in range(0, 10 * count, 10)]
    return [UUID(int=stamp | bits) for bits in sorted(drawn)]


def first_id(moment: datetime) -> UUID:
    """What is below each id of this millisecond or a later one, and above all earlier ones."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def post(
    orders: Sequence[TransferOrder],
    *,
    hash_of: Callable[[TransferOrder], str],
    moment: datetime,
    actor: str,
    undone: UUID | None = None,
) -> list[Posted]:
    """Post orders with different keys, all or none; the answers come in their order.

    ``undone`` is the transfer that a single order reverses. Raises the problem that refused all
    of them, ValueError for an account that does not exist.
    """
    if len(orders) >= SLICED:
        try:
            return _post_in_slices(orders, hash_of, moment, actor)
        except Problem as problem:
            # Floors are kept by the whole: a later slice may bring what an earlier one spends.
            if problem.kind is not INSUFFICIENT:
                raise
    first = orders[0]
    require_meaning(orders)
    if len(orders) > 1 or undone or first.effective_at or not _between_two(first):
        ids = new_ids(moment, len(orders))
        columns = _columns(orders, hash_of, ids, moment, actor, undone)
        with bound_cursor() as cursor:
            cursor.execute(_POST, columns)
            return _answers(orders, _all_new(ids), cursor.fetchall())
    (id_,), (source, target) = new_ids(moment, 1), first.legs
    asked = (id_, first.key, hash_of(first), first.kind, first.reference)
    with bound_cursor() as cursor:
        cursor.execute(
            _POST_ONE, (*asked, source.account, target.account, target.amount, moment, actor)
        )
        rows = cursor.fetchall()
    return [Posted(*_written(id_, rows))]


def _between_two(order: TransferOrder) -> bool:
    """Whether it goes from its first account to another."""
    return len(order.legs) == 2 and order.legs[0][0] != order.legs[1][0] and order.legs[1][1] > 0


@transaction.atomic
def _post_in_slices(
    orders: Sequence[TransferOrder],
    hash_of: Callable[[TransferOrder], str],
    moment: datetime,
    actor: str,
) -> list[Posted]:
    """Post many orders slice by slice; each is prepared while PostgreSQL writes those before.

    All accounts are locked first, so that two who post the same wait for each other here.
    """
    slices = list(_slices(orders))
    touched = {leg[0] for order in orders for leg in order.legs}
    with _no_search_for_garbage(), _refused_in_words(), ahead() as sending:
        sending.send(_FOLD, _folding(touched, moment, actor))
        hoped = []
        for part in slices:
            require_meaning(part)
            ids = new_ids(moment, len(part))
            sending.send(_POST, _columns(part, hash_of, ids, moment, actor, None))
            hoped.append(_all_new(ids))
        answers = sending.answers()
        next(answers)  # of the locks
        return list(chain.from_iterable(map(_answers, slices, hoped, answers)))


@contextmanager
def _no_search_for_garbage() -> Iterator[None]:
    """Nothing in a batch refers to itself, and each search walks over all of its tuples in vain."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _slices(orders: Sequence[TransferOrder]) -> Iterator[Sequence[TransferOrder]]:
    """Orders in their order; the first slice is small, as PostgreSQL waits for it."""
    size = min(SLICE, -(-len(orders) // SLICES))
    first = size // SLICES
    yield orders[:first]
    for start in range(first, len(orders), size):
        yield orders[start : start + size]


def _columns(
    orders: Sequence[TransferOrder],
    hash_of: Callable[[TransferOrder], str],
    ids: Sequence[UUID],
    moment: datetime,
    actor: str,
    undone: UUID | None,
) -> _Columns:
    headers = _headers(orders, [hash_of(order) for order in orders], ids, moment)
    return [*headers, undone, *_legs(orders), moment, actor]


def _all_new(ids: Sequence[UUID]) -> list[Posted]:
    return [Posted(id_, True) for id_ in ids]


def _answers(
    orders: Sequence[TransferOrder], all_new: list[Posted], rows: list[_Row]
) -> list[Posted]:
    """``all_new`` where no row came back; otherwise what is stored under each key."""
    if not rows:
        return all_new
    _refuse(rows[-1][0])
    stored = {key: id_ for _, key, id_ in rows}
    return [
        Posted(stored[order.key], stored[order.key] == new.transfer_id)
        for order, new in zip(orders, all_new, strict=True)
    ]


def _headers(
    orders: Sequence[TransferOrder], hashes: Sequence[str], ids: Sequence[UUID], moment: datetime
) -> list[Column | str]:
    """Columns of the transfers."""
    kinds, references = [o.kind for o in orders], [o.reference for o in orders]
    if any(SEPARATOR in text for text in (*set(kinds), *set(references))):
        raise ValueError("kinds and references are plain text")
    effective = [order.effective_at or moment for order in orders]
    return [
        uuids(ids),
        uuids([order.key for order in orders]),
        ",".join(hashes),
        SEPARATOR.join(_once(kinds)),
        SEPARATOR.join([f".{reference}" for reference in _once(references)]),
        _array([at.isoformat() for at in _once(effective)]),
    ]


def _legs(orders: Sequence[TransferOrder]) -> list[Column]:
    """Columns of the legs and of the accounts that they touch.

    Each leg says which of its account it is in this batch and what the account has moved by with
    it: what PostgreSQL would have to sort all of them for. Its triggers see whether that is right.
    """
    legs = [leg for order in orders for leg in order.legs]
    sizes = [len(order.legs) for order in orders]
    moves: dict[int, int] = {}
    gains: dict[int, int] = {}
    counts, sums = [], []
    for account, amount in legs:
        moves[account] = count = moves.get(account, 0) + 1
        gains[account] = total = gains.get(account, 0) + amount
        counts.append(count)
        sums.append(total)
    if max(sums) > BIGINT_MAX or min(sums) < -BIGINT_MAX:
        raise TOO_LARGE.problem()
    touched = sorted(gains)
    numbers = chain.from_iterable(map(repeat, range(1, len(orders) + 1), sizes))
    return [
        integers(list(numbers)),
        integers(list(chain.from_iterable(map(range, sizes)))),
        bigints([leg[0] for leg in legs]),
        bigints([leg[1] for leg in legs]),
        integers(counts),
        bigints(sums),
        bigints(touched),
        integers([moves[account] for account in touched]),
        bigints([gains[account] for account in touched]),
    ]


def _once(column: list[T]) -> list[T]:
    """A column, or its one value where all are the same."""
    return column[:1] if column.count(column[0]) == len(column) else column


def _array(values: Iterable[str]) -> str:
    """An array in PostgreSQL's writing, of values without a sign that has a meaning in it."""
    return "{" + ",".join(values) + "}"


def hold(
    order: TransferOrder,
    req_hash: str,
    *,
    expires_at: datetime | None,
    moment: datetime,
    actor: str,
) -> tuple[UUID, bool]:
    """Hold the amount of an order back; its first leg is the source, its second the target."""
    (id_,), (source, target) = new_ids(moment, 1), order.legs
    asked = (id_, order.key, req_hash, order.kind, order.reference, order.effective_at or moment)
    about = (source.account, target.account, target.amount, expires_at, moment, actor)
    with bound_cursor() as cursor:
        cursor.execute(_HOLD, (*asked, *about))
        rows = cursor.fetchall()
    return _written(id_, rows)


def hold_many(
    orders: Sequence[TransferOrder], hashes: Sequence[str], *, moment: datetime, actor: str
) -> list[UUID]:
    """Hold the amounts of orders that share kind, reference and source; ids in their order."""
    ids = new_ids(moment, len(orders))
    kind, reference, source = orders[0].kind, orders[0].reference, orders[0].legs[0].account
    if any((o.kind, o.reference, o.legs[0].account) != (kind, reference, source) for o in orders):
        raise ValueError("amounts that are held together have one source and one reason")
    with bound_cursor() as cursor:
        cursor.execute(
            _HOLD_MANY,
            [
                uuids(ids),
                uuids([order.key for order in orders]),
                _array(hashes),
                kind,
                reference,
                source,
                bigints([order.legs[1].account for order in orders]),
                bigints([order.legs[1].amount for order in orders]),
                moment,
                actor,
            ],
        )
        rows = cursor.fetchall()
    if rows:
        _refuse(rows[-1][0])
    return ids


def resolve(
    key: UUID, req_hash: str, *, hold_id: UUID, amount: int, moment: datetime, actor: str
) -> tuple[UUID, bool]:
    """Post ``amount`` of a hold and free the rest of it; 0 voids it."""
    (id_,) = new_ids(moment, 1)
    with bound_cursor() as cursor:
        cursor.execute(_RESOLVE, [id_, key, req_hash, hold_id, amount, moment, actor])
        rows = cursor.fetchall()
    return _written(id_, rows)


def fold(accounts: Collection[int], *, moment: datetime, actor: str) -> None:
    """Lock balances and bring them up to date with their shares of bulk postings."""
    with _refused_in_words(), bound_cursor() as cursor:
        cursor.execute(_FOLD, _folding(accounts, moment, actor))


def _folding(accounts: Collection[int], moment: datetime, actor: str) -> _Columns:
    return [bigints(sorted(accounts)), moment, actor]


@contextmanager
def _refused_in_words() -> Iterator[None]:
    """What a function that answers nothing refuses by an error of the database."""
    try:
        yield
    except DatabaseError as error:
        _refuse(_STATES.get(str(getattr(error.__cause__, "sqlstate", ""))))
        raise


def _written(id_: UUID, rows: list[tuple[str | None, UUID]]) -> tuple[UUID, bool]:
    if not rows:
        return id_, True
    refusal, stored = rows[-1]
    _refuse(refusal)
    return stored, False


def _refuse(refusal: str | None) -> None:
    if refusal == "account":
        raise ValueError("no such account")
    if refusal is not None:
        raise _REFUSALS[refusal].problem()
