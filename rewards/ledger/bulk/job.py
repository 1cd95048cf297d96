"""Running a bulk posting to its end: claimed with a lease, resumed where it was cut short.

A copy that still works after its lease has run out does no harm: every step locks its row and
looks again. The lease only keeps copies from waiting for one another.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, Thread
from typing import Final
from uuid import UUID, uuid4

from django.db import DatabaseError, connection, connections

from dure.accounts.acting import Actor
from dure.core.problems import Problem
from rewards.ledger.bulk import steps, tree
from rewards.ledger.bulk.turns import Turns
from rewards.models import BulkBatch, BulkChunk, BulkState
from rewards.problems import INSUFFICIENT

#: How long a silent job keeps others away, and how often it says that it lives.
LEASE_S: Final = 20
BEAT_S: Final = 5
#: Claims in a row without one chunk of progress, after which people have to look.
ATTEMPTS_MAX: Final = 10
GAVE_UP: Final = "no-progress"

_CLAIM: Final = """
UPDATE rewards_bulkbatch SET claimed_by = %s, claimed_until = now() + make_interval(secs => %s),
    attempts = attempts + 1
WHERE id = %s AND state IN ('ordered', 'loading', 'sealed')
  AND (claimed_until IS NULL OR claimed_until < now())
RETURNING attempts
"""

_BEAT: Final = """
UPDATE rewards_bulkbatch SET claimed_until = now() + make_interval(secs => %s)
WHERE id = %s AND claimed_by = %s
"""

_RELEASE: Final = """
UPDATE rewards_bulkbatch SET claimed_by = NULL, claimed_until = NULL
WHERE id = %s AND claimed_by = %s
"""


def run(*, acting: Actor, batch_id: UUID) -> bool:
    """Carry a batch on to ``posted`` or ``failed``; false where another copy is at it or has been.

    Raises what stops it on the way; the next run goes on from there. After ATTEMPTS_MAX runs in a
    row without progress the batch fails and its reserve is free again.
    """
    claimant = uuid4()
    attempts = _claim(claimant, batch_id)
    if attempts is None:
        return False
    if attempts > ATTEMPTS_MAX:
        steps.give_up(acting=acting, batch_id=batch_id, reason=GAVE_UP)
        return True
    try:
        with _alive(claimant, batch_id):
            _carry_on(acting, batch_id)
    except Problem as problem:
        if problem.kind is not INSUFFICIENT:
            raise
        steps.give_up(acting=acting, batch_id=batch_id, reason=problem.kind.code)
    finally:
        _release(claimant, batch_id)
    return True


def waiting() -> list[UUID]:
    """Batches that nobody is at, oldest first."""
    open_ones = BulkBatch.objects.filter(
        state__in=[BulkState.ORDERED, BulkState.LOADING, BulkState.SEALED]
    )
    return list(open_ones.order_by("ordered_at").values_list("id", flat=True))


def _carry_on(acting: Actor, batch_id: UUID) -> None:
    steps.freeze(acting=acting, batch_id=batch_id)
    batch = BulkBatch.objects.get(id=batch_id)
    if batch.state == BulkState.LOADING:
        _fill(batch)
        steps.seal(batch_id=batch_id)
    steps.publish(acting=acting, batch_id=batch_id)


def _fill(batch: BulkBatch) -> None:
    """Take in what is not taken in; beside it, on a second connection, hash what is.

    When everything is loaded and has its indexes, this one helps with what is not hashed yet.
    """
    chunks = BulkChunk.objects.filter(batch_id=batch.id).order_by("place")
    turns = Turns(batch)
    hashed: list[tuple[int, Future[None]]] = []
    with _beside(len(chunks)) as helper:
        for chunk in chunks:
            if not chunk.loaded:
                with turns.taken():
                    steps.load(batch_id=batch.id, place=chunk.place)
            if helper is None:
                tree.hash_chunk(batch, chunk.place)
            else:
                hashed.append((chunk.place, helper.submit(_hash, batch, chunk.place, turns)))
        with turns.taken() as alone:
            steps.index(batch_id=batch.id, alone=alone)
        for place, future in reversed(hashed):
            if future.cancel():
                _hash(batch, place, turns)
            else:
                break
    for _, future in hashed:
        if not future.cancelled():
            future.result()


def _hash(batch: BulkBatch, place: int, turns: Turns) -> None:
    with turns.taken():
        tree.hash_chunk(batch, place)


@contextmanager
def _beside(chunks: int) -> Iterator[Executor | None]:
    """A thread with a connection of its own, where that can see what this one has committed."""
    if connection.in_atomic_block or chunks < 2:
        yield None
        return
    with ThreadPoolExecutor(1, "bulk-hashing") as pool:
        try:
            yield pool
        finally:
            pool.submit(connections.close_all)


@contextmanager
def _alive(claimant: UUID, batch_id: UUID) -> Iterator[None]:
    """Prolong the lease while the work goes on."""
    if connection.in_atomic_block:
        yield
        return
    done = Event()

    def beat() -> None:
        try:
            while not done.wait(BEAT_S):
                with connection.cursor() as cursor:
                    cursor.execute(_BEAT, [LEASE_S, batch_id, claimant])
        except DatabaseError:
            pass  # the work itself will notice that the database is gone
        finally:
            connections.close_all()

    thread = Thread(target=beat, name="bulk-lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _claim(claimant: UUID, batch_id: UUID) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [claimant, LEASE_S, batch_id])
        row = cursor.fetchone()
    return int(row[0]) if row else None


def _release(claimant: UUID, batch_id: UUID) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute(_RELEASE, [batch_id, claimant])
    except DatabaseError:
        pass  # the lease runs out by itself
