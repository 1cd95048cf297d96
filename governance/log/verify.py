"""Verifying the whole log from its bodies up, trusting nothing that is stored beside them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256

import psycopg
from django.db import connection, transaction
from django.db.models import Max

from governance.consent.as_logged import decided_otherwise
from governance.log import keys, merkle, note, tiles
from governance.log.inconsistency import LogInconsistent
from governance.log.leaf import LeafError, read_leaf
from governance.models import LogCheckpoint, LogPlace, LogTile

# Whole tiles, so that each is compared at once.
_CHUNK = 20 * tiles.TILE_WIDTH
# Each entry by its index (OFFSET 0 keeps the planner from joining the whole log for every chunk).
_ENTRIES = """
    SELECT place.index, entry.kind, entry.origin_seq, entry.body, entry.leaf_hash,
        to_char(entry.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    FROM governance_logplace place
    LEFT JOIN LATERAL (
        SELECT * FROM governance_logentry found WHERE found.origin_seq = place.origin_seq OFFSET 0
    ) entry ON true
    WHERE place.index >= %s AND place.index < %s ORDER BY place.index
"""
# Index, kind, origin_seq, body, stored leaf hash and time; without the entry all but one are None.
_Row = tuple[int, str, int, bytes | None, bytes, str]
_NOWHERE = """
    SELECT count(*) FROM governance_logentry entry
    WHERE NOT EXISTS (
        SELECT FROM governance_logplace place WHERE place.origin_seq = entry.origin_seq
    ) AND NOT EXISTS (
        SELECT FROM governance_logwaiting waiting WHERE waiting.origin_seq = entry.origin_seq
    )
"""


class Outcome(Enum):
    """What came of verifying; only OK is good news."""

    OK = "ok"
    TAMPERED = "tampered"
    UNVERIFIABLE = "unverifiable"


@dataclass(frozen=True)
class Verdict:
    """The outcome, how far the log was verified, and where it broke first."""

    outcome: Outcome
    size: int
    root: str
    first_bad_index: int | None = None
    reason: str = ""


class _Tampered(Exception):
    def __init__(self, index: int, reason: str) -> None:
        super().__init__(reason)
        self.index = index
        self.reason = reason


# One transaction, so that the signed heads are streamed and not collected first.
@transaction.atomic
def verify_log() -> Verdict:
    """Re-hashes every body, rebuilds the tree, compares tiles, checkpoints and signature.

    Reads only. The first bad index is the first entry that is missing, changed, or under a hash
    that does not follow from the entries.
    """
    latest = LogCheckpoint.objects.order_by("-size").first()
    if latest is None:
        if LogPlace.objects.exists():
            return Verdict(Outcome.TAMPERED, 0, "", 0, "entries have places, but no head is signed")
        return Verdict(Outcome.UNVERIFIABLE, 0, "", None, "no checkpoint was signed yet")
    try:
        rebuilt = _rebuild(latest.size)
        _compare_tiles(rebuilt, latest.size)
        _check_signature(latest, rebuilt.root)
        _check_nothing_beyond()
        _check_nothing_forgotten(latest.size)
        _check_decisions()
    except _Tampered as found:
        return Verdict(
            Outcome.TAMPERED, latest.size, bytes(latest.root).hex(), found.index, found.reason
        )
    return Verdict(Outcome.OK, latest.size, rebuilt.root.hex())


@dataclass(frozen=True)
class _Rebuilt:
    root: bytes
    tiles: dict[tiles.TileKey, bytes]


def _rebuild(size: int) -> _Rebuilt:
    """The tree from the bodies, checked against the leaf tiles and old checkpoints on the way."""
    frontier = merkle.Frontier()
    above: dict[tiles.TileKey, bytes] = {}
    heads = _Heads(size)
    for start, rows in _chunks(size):
        leaves = _leaf_hashes(start, min(start + _CHUNK, size), rows)
        stored = _stored_tiles(0, start // tiles.TILE_WIDTH, _CHUNK // tiles.TILE_WIDTH)
        for first in range(0, len(leaves), tiles.TILE_WIDTH):
            block = leaves[first : first + tiles.TILE_WIDTH]
            key = tiles.TileKey(0, (start + first) // tiles.TILE_WIDTH)
            _compare_tile(key, b"".join(block), stored.get(key.number, b""))
            root = tiles.fold(b"".join(block)) if len(block) == tiles.TILE_WIDTH else None
            heads.check(frontier, block, root)
            if root is not None:
                _grow(above, key.number, root)
    return _Rebuilt(frontier.root(), above)


class _Heads:
    """The heads that were signed on the way, compared one after the other.

    Of each the signature by the key that was in force then; the newest has its own check.
    """

    def __init__(self, size: int) -> None:
        rows = LogCheckpoint.objects.filter(size__lte=size).order_by("size")
        self._newest = size
        try:
            self._links = keys.chain()
        except LogInconsistent as error:
            raise _Tampered(size - 1, f"the keys: {error}") from error
        self._rows = rows.values_list("size", "root", "note").iterator(chunk_size=5_000)
        self._next = next(self._rows, None)
        self._last_good = 0

    def check(self, frontier: merkle.Frontier, block: list[bytes], root: bytes | None) -> None:
        """Lets the tree grow by a tile's leaves, or what there is of them, with every head in it.

        One by one where a head lies within; elsewhere by the ``root`` over a whole tile, which is
        much less work.
        """
        end = frontier.size + len(block)
        within = self._next is not None and self._next[0] < end
        if not within and root is not None:
            frontier.append_perfect(tiles.TILE_HEIGHT, root)
        else:
            for leaf in block:
                frontier.append(leaf)
                self._compare(frontier)
        self._compare(frontier)

    def _compare(self, frontier: merkle.Frontier) -> None:
        while self._next is not None and self._next[0] == frontier.size:
            size, root, text = self._next
            if frontier.root() != bytes(root):
                raise _Tampered(self._last_good, f"the root signed at size {size} differs")
            if size < self._newest and not keys.is_old_head(
                text, size=size, root=bytes(root), links=self._links
            ):
                raise _Tampered(size - 1, f"the note of size {size} is not what was signed")
            self._last_good, self._next = size, next(self._rows, None)


def _grow(above: dict[tiles.TileKey, bytes], number: int, root: bytes) -> None:
    """Adds the root over a whole leaf tile to the tiles of level 1 and up."""
    level = 0
    while True:
        level, number = level + 1, number // tiles.TILE_WIDTH
        key = tiles.TileKey(level, number)
        above[key] = above.get(key, b"") + root
        if len(above[key]) < tiles.TILE_SIZE_BYTES:
            return
        root = tiles.fold(above[key])


def _chunks(size: int) -> Iterator[tuple[int, list[_Row]]]:
    """The first index of each chunk and its rows; the database reads one ahead of the hashing."""
    # Past Django's cursor: bodies come as bytes, not as hexadecimal text to be decoded.
    session = connection.connection

    def read(start: int) -> list[_Row]:
        with psycopg.Cursor[_Row](session) as cursor:
            cursor.execute(_ENTRIES, [start, min(start + _CHUNK, size)], binary=True)
            return cursor.fetchall()

    with ThreadPoolExecutor(1) as ahead:
        coming = ahead.submit(read, 0)
        for start in range(0, size, _CHUNK):
            rows = coming.result()
            if start + _CHUNK < size:
                coming = ahead.submit(read, start + _CHUNK)
            yield start, rows


def _leaf_hashes(start: int, end: int, rows: list[_Row]) -> list[bytes]:
    """Leaf hashes computed from bodies, in order; raises at the first entry that is wrong."""
    leaves = []
    for expected, (index, kind, origin_seq, body, stored, ts) in enumerate(rows, start):
        if index != expected or body is None:
            raise _Tampered(expected, "the entry is missing")
        leaf = sha256(b"\x00" + body).digest()
        if leaf != stored:
            raise _Tampered(index, f"the body hashes to {leaf.hex()}, not to what is stored")
        try:
            said = read_leaf(body)
        except LeafError as error:
            raise _Tampered(index, str(error)) from error
        if (said["type"], said["origin_seq"], said["ts"]) != (kind, origin_seq, ts):
            raise _Tampered(index, "the columns beside the body say something else than the body")
        leaves.append(leaf)
    if len(leaves) < end - start:
        raise _Tampered(start + len(leaves), "the entry is missing")
    return leaves


def _stored_tiles(level: int, first: int, count: int) -> dict[int, bytes]:
    rows = LogTile.objects.filter(level=level, index__gte=first, index__lt=first + count)
    return {index: bytes(hashes) for index, hashes in rows.values_list("index", "hashes")}


def _compare_tiles(rebuilt: _Rebuilt, size: int) -> None:
    for key, expected in sorted(rebuilt.tiles.items()):
        _compare_tile(key, expected, _stored_tile(key))
    for level, index in LogTile.objects.filter(level__gt=0).values_list("level", "index"):
        # A tile that a later batch has begun meanwhile is of no concern here.
        if (level, index) not in rebuilt.tiles and tiles.tile_width(_latest(), level, index) == 0:
            raise _Tampered(size, f"tile {level}/{index} belongs to no signed tree")


def _compare_tile(key: tiles.TileKey, expected: bytes, stored: bytes) -> None:
    if stored[: len(expected)] == expected:
        # Longer than what is signed by now: a later batch commits its tiles with their head.
        if len(stored) > len(expected) and len(stored) > merkle.HASH_SIZE_BYTES * (
            tiles.tile_width(_latest(), key.level, key.number)
        ):
            first = (key.number * tiles.TILE_WIDTH) << tiles.TILE_HEIGHT * key.level
            beyond = len(expected) // merkle.HASH_SIZE_BYTES << tiles.TILE_HEIGHT * key.level
            reason = f"tile {key.level}/{key.number} holds more than the entries"
            raise _Tampered(first + beyond, reason)
        return
    step = merkle.HASH_SIZE_BYTES
    offset = next(
        place
        for place in range(len(expected) // step)
        if stored[place * step : (place + 1) * step] != expected[place * step : (place + 1) * step]
    )
    first = (key.number * tiles.TILE_WIDTH + offset) << tiles.TILE_HEIGHT * key.level
    raise _Tampered(first, f"tile {key.level}/{key.number} does not match the entries")


def _stored_tile(key: tiles.TileKey) -> bytes:
    found = LogTile.objects.filter(level=key.level, index=key.number).values_list(
        "hashes", flat=True
    )
    return bytes(found.first() or b"")


def _check_signature(latest: LogCheckpoint, root: bytes) -> None:
    try:
        head = keys.open_head(latest.note, size=latest.size)
    except (note.NoteError, LogInconsistent) as error:
        raise _Tampered(latest.size - 1, f"the latest checkpoint: {error}") from error
    if (head.size, head.root) != (latest.size, root):
        raise _Tampered(latest.size - 1, "the latest checkpoint signs another tree")


def _check_nothing_beyond() -> None:
    """No entry may have a place that no checkpoint covers; both are read in one moment."""
    size = _latest()
    highest = LogPlace.objects.aggregate(highest=Max("index"))["highest"]
    # Read again when an entry looks too high: a batch may have been committed in between.
    if highest is not None and highest >= size and highest >= _latest():
        raise _Tampered(size, "an entry has a place that no checkpoint covers")


def _check_nothing_forgotten(size: int) -> None:
    """No entry may be without a place and not wait for one: it would never get one."""
    with connection.cursor() as cursor:
        cursor.execute(_NOWHERE)
        (forgotten,) = cursor.fetchone()
    if forgotten:
        raise _Tampered(size, f"{forgotten} entries neither have a place nor wait for one")


def _check_decisions() -> None:
    """Decisions on consent stand beside the log, and must be what their entries say."""
    index, count = decided_otherwise()
    if count:
        raise _Tampered(index, f"{count} decisions on consent are not what the log says")


def _latest() -> int:
    return LogCheckpoint.objects.aggregate(size=Max("size"))["size"] or 0
