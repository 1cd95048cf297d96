"""Writing to the log: entries join the caller's transaction, the sequencer builds the tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from dure.accounts.acting import Actor
from dure.core import clock, sealing
from dure.core.canonical import Json
from dure.core.nudge import nudge
from governance.log import anchor, keys, kinds, merkle, note, tiles, writing
from governance.log.inconsistency import LogInconsistent
from governance.models import LogCheckpoint, LogEntry

# Large enough that a batch's fixed cost (signatures, two files on disk) is small beside its rows,
# and small enough to be placed within a second or two.
BATCH_SIZE = 50_000
# Names the sequencer's advisory lock; the number only has to be ours alone.
SEQUENCER_LOCK = 0x6475_7265_6C6F_67


@dataclass(frozen=True)
class Line:
    """What one entry says: its kind, the party it is about, its payload."""

    kind: str
    subject: UUID | None
    payload: Mapping[str, Json]


def record(
    *, kind: str, acting: Actor, subject: UUID | None, payload: Mapping[str, Json]
) -> LogEntry:
    """Adds an entry in the caller's transaction; its index is None until it is sequenced.

    ``subject`` is the party that the entry is about. The leaf holds commitments to actor and
    subject, never the two themselves; only what the platform itself did opens for everybody.
    Raises UnknownKind or UnfitPayload (governance.log.kinds)
    and TransactionManagementError outside a transaction.
    """
    return record_all([Line(kind, subject, payload)], acting=acting)[0]


def record_all(lines: Sequence[Line], *, acting: Actor) -> list[LogEntry]:
    """``record`` for several entries, in their order and with a few statements for all of them."""
    if not connection.in_atomic_block:
        msg = "A log entry is written in the transaction of the fact that it records."
        raise transaction.TransactionManagementError(msg)
    if not lines:
        return []
    for line in lines:
        kinds.check_payload(line.kind, line.payload)
    moment = clock.now()
    # Most lines of a call are about few owners, whose keys are then fetched once.
    with sealing.keys_at_hand():
        drafts = [
            writing.draft(
                kind=line.kind,
                subject=line.subject,
                payload=line.payload,
                acting=acting,
                moment=moment,
            )
            for line in lines
        ]
    entries = writing.write(drafts, moment=moment)
    _nudge_on_commit()
    return entries


def sequence(*, wait: bool = True) -> int:
    """Gives every committed entry its place, extends the tiles and signs a checkpoint.

    Answers how many entries were placed. Safe to call at any time from anywhere: one sequencer
    works at a time, and with ``wait=False`` the others answer 0 at once. Raises LogInconsistent,
    leaving everything as it was, if the new head would not extend the last signed one.
    """
    total = 0
    while True:
        placed = _sequence_batch(wait=wait)
        total += placed
        if placed < BATCH_SIZE:
            return total


@transaction.atomic
def _sequence_batch(*, wait: bool) -> int:
    if not _lock(wait=wait):
        return 0
    # Only after the lock: now no other sequencer can move the head.
    last = LogCheckpoint.objects.order_by("-size").first()
    size = 0 if last is None else last.size
    anchor.check(last, tiles.nodes_from(lambda key: _read_tiles([key])[key]))
    hashes = _place(size)
    if not hashes:
        if last is not None:
            # A crash may have come between a commit and its anchor.
            transaction.on_commit(partial(anchor.keep, last.note))
        return 0
    changed = tiles.extend(size, _read_tiles(tiles.tails(size)), hashes)
    _write_tiles(changed)
    head = _next_head(last, size + len(hashes), changed)
    moment = clock.now()
    signed = keys.sign_head(head, size_before=size, moment=moment)
    LogCheckpoint.objects.create(size=head.size, root=head.root, note=signed, signed_at=moment)
    transaction.on_commit(partial(anchor.keep, signed))
    if settings.LOG_WITNESSES:
        transaction.on_commit(_nudge_witnesses)
    return len(hashes)


def _next_head(
    last: LogCheckpoint | None, size: int, changed: Mapping[tiles.TileKey, bytes]
) -> note.Checkpoint:
    """The head over the stored tiles, once it is sure that it extends the last signed one.

    Everything left of the new leaves is read from the database, so that what was changed there
    since the last signature comes to light here, before anything is signed over it.
    """

    def read(key: tiles.TileKey) -> bytes:
        return changed[key] if key in changed else _read_tiles([key])[key]

    node = tiles.nodes_from(read)
    try:
        head = note.Checkpoint(settings.LOG_ORIGIN, size, merkle.root_of(size, node))
        if last is not None:
            _check_extends(last, head, node)
    except IndexError as error:
        msg = f"the stored tiles do not hold a tree of {size} leaves"
        raise LogInconsistent(msg) from error
    return head


def _check_extends(last: LogCheckpoint, head: note.Checkpoint, node: merkle.Node) -> None:
    """Refuses a head that is not an extension of the last signed one."""
    try:
        signed = keys.open_head(last.note, size=last.size)
    except note.NoteError as error:
        msg = f"the checkpoint of size {last.size} does not carry our signature"
        raise LogInconsistent(msg) from error
    proof = merkle.consistency_path_of(last.size, head.size, node)
    if signed.size != last.size or not merkle.verify_consistency(
        first=signed.size,
        second=head.size,
        first_root=signed.root,
        second_root=head.root,
        proof=proof,
    ):
        msg = f"the stored tree does not extend the checkpoint of size {last.size}"
        raise LogInconsistent(msg)


def _lock(*, wait: bool) -> bool:
    with connection.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEQUENCER_LOCK])
            return True
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEQUENCER_LOCK])
        row = cursor.fetchone()
        return bool(row and row[0])


def _place(size: int) -> list[bytes]:
    """Numbers what waits, from ``size`` up, and answers the leaf hashes in that order.

    Entries are chosen because they wait, never for a sequence number above the last one: a
    transaction that began early and committed late would be lost for ever.
    """
    try:
        hashes = _give_places(size)
    except IntegrityError as error:
        raise LogInconsistent(f"the places in the log do not end at {size}") from error
    step = merkle.HASH_SIZE_BYTES
    return [hashes[at : at + step] for at in range(0, len(hashes), step)]


def _give_places(size: int) -> bytes:
    """The leaf hashes of what was placed, one after the other."""
    with connection.cursor() as cursor:
        # A batch is sorted in memory, whatever the server allows by default.
        cursor.execute("SET LOCAL work_mem = '64MB'")
        # One value instead of a row each: the hashes are all that is needed here.
        cursor.execute(
            """
            WITH waiting AS MATERIALIZED (
                SELECT origin_seq, leaf_hash,
                    %s + row_number() OVER (ORDER BY origin_seq) - 1 AS index
                FROM (SELECT * FROM governance_logwaiting ORDER BY origin_seq LIMIT %s) AS first
            ), placed AS (
                INSERT INTO governance_logplace (index, origin_seq)
                SELECT index, origin_seq FROM waiting
            )
            SELECT string_agg(leaf_hash, ''::bytea ORDER BY index) FROM waiting
            """,
            [size, BATCH_SIZE],
        )
        row = cursor.fetchone()
        hashes = bytes(row[0]) if row and row[0] is not None else b""
        if hashes:
            cursor.execute(
                """
                DELETE FROM governance_logwaiting AS waiting USING governance_logplace AS place
                WHERE place.index >= %s AND place.origin_seq = waiting.origin_seq
                """,
                [size],
            )
    return hashes


def _read_tiles(keys: list[tiles.TileKey]) -> dict[tiles.TileKey, bytes]:
    found: dict[tiles.TileKey, bytes] = {}
    with connection.cursor() as cursor:
        for key in keys:
            cursor.execute(
                "SELECT hashes FROM governance_logtile WHERE level = %s AND index = %s", key
            )
            row = cursor.fetchone()
            if row is None:
                msg = f"tile {key.level}/{key.number} is missing"
                raise LogInconsistent(msg)
            found[key] = bytes(row[0])
    return found


def _write_tiles(changed: Mapping[tiles.TileKey, bytes]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO governance_logtile (level, index, hashes)
            SELECT * FROM unnest(%s::smallint[], %s::bigint[], %s::bytea[])
            ON CONFLICT (level, index) DO UPDATE SET hashes = EXCLUDED.hashes
            """,
            [
                [key.level for key in changed],
                [key.number for key in changed],
                list(changed.values()),
            ],
        )


def _nudge_on_commit() -> None:
    # One nudge is enough for all entries of a transaction.
    if not any(waiting[1] is _nudge for waiting in connection.run_on_commit):
        transaction.on_commit(_nudge)


def _nudge() -> None:
    nudge(import_module("governance.tasks").sequence_log)


def _nudge_witnesses() -> None:
    nudge(import_module("governance.tasks").ask_witnesses)
