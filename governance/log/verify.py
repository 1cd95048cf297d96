"""Verifying the whole log from its bodies up, trusting nothing that is stored beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from django.db import transaction
from django.db.models import Max

from governance.log import keys, merkle, note, tiles
from governance.log.inconsistency import LogInconsistent
from governance.log.leaf import LeafError, parse_leaf
from governance.models import LogCheckpoint, LogEntry, LogTile

_CHUNK = 5_000


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


# One transaction, so that millions of rows are streamed and not collected first.
@transaction.atomic
def verify_log() -> Verdict:
    """Re-hashes every body, rebuilds the tree, compares tiles, checkpoints and signature.

    Reads only. The first bad index is the first entry that is missing, changed, or under a hash
    that does not follow from the entries.
    """
    latest = LogCheckpoint.objects.order_by("-size").first()
    if latest is None:
        if LogEntry.objects.filter(index__isnull=False).exists():
            return Verdict(Outcome.TAMPERED, 0, "", 0, "entries have places, but no head is signed")
        return Verdict(Outcome.UNVERIFIABLE, 0, "", None, "no checkpoint was signed yet")
    try:
        rebuilt = _rebuild(latest.size)
        _compare_tiles(rebuilt, latest.size)
        _check_signature(latest, rebuilt.root)
        _check_nothing_beyond()
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
    heads = _signed_heads(size)
    next_head = next(heads, None)
    last_good = 0
    block: list[bytes] = []
    for leaf in _leaf_hashes(size):
        frontier.append(leaf)
        block.append(leaf)
        if len(block) == tiles.TILE_WIDTH or frontier.size == size:
            start = frontier.size - len(block)
            _compare_leaf_tile(start, b"".join(block))
            above = _grow(above, start, block)
            block = []
        while next_head is not None and next_head[0] == frontier.size:
            if frontier.root() != next_head[1]:
                raise _Tampered(last_good, f"the root signed at size {next_head[0]} differs")
            last_good, next_head = next_head[0], next(heads, None)
    return _Rebuilt(frontier.root(), above)


def _grow(
    above: dict[tiles.TileKey, bytes], start: int, block: list[bytes]
) -> dict[tiles.TileKey, bytes]:
    """Adds a block to the tiles of level 1 and up; leaf tiles were compared already."""
    tails = {key: above.get(key, b"") for key in tiles.tails(start)}
    for key, hashes in tiles.extend(start, tails, block).items():
        if key.level > 0:
            above[key] = hashes
    return above


def _leaf_hashes(size: int) -> Iterator[bytes]:
    """Leaf hashes computed from bodies, in order; raises at the first entry that is wrong."""
    rows = (
        LogEntry.objects.filter(index__isnull=False, index__lt=size)
        .order_by("index")
        .values_list("index", "kind", "origin_seq", "body", "leaf_hash")
    )
    expected = 0
    for index, kind, origin_seq, stored_body, stored_hash in rows.iterator(chunk_size=_CHUNK):
        if index != expected:
            raise _Tampered(expected, "the entry is missing")
        body = bytes(stored_body)
        leaf = merkle.leaf_hash(body)
        if leaf != bytes(stored_hash):
            raise _Tampered(index, f"the body hashes to {leaf.hex()}, not to what is stored")
        try:
            parsed = parse_leaf(body)
        except LeafError as error:
            raise _Tampered(index, str(error)) from error
        if (parsed.kind, parsed.origin_seq) != (kind, origin_seq):
            raise _Tampered(index, "the columns beside the body say something else than the body")
        expected += 1
        yield leaf
    if expected != size:
        raise _Tampered(expected, "the entry is missing")


def _signed_heads(size: int) -> Iterator[tuple[int, bytes]]:
    rows = LogCheckpoint.objects.filter(size__lte=size).order_by("size").values_list("size", "root")
    for head_size, root in rows.iterator(chunk_size=_CHUNK):
        yield head_size, bytes(root)


def _compare_leaf_tile(start: int, expected: bytes) -> None:
    index = start // tiles.TILE_WIDTH
    _compare_tile(tiles.TileKey(0, index), expected, _stored_tile(tiles.TileKey(0, index)))


def _compare_tiles(rebuilt: _Rebuilt, size: int) -> None:
    for key, expected in sorted(rebuilt.tiles.items()):
        _compare_tile(key, expected, _stored_tile(key))
    for level, index in LogTile.objects.filter(level__gt=0).values_list("level", "index"):
        # A tile that a later batch has begun meanwhile is of no concern here.
        if (level, index) not in rebuilt.tiles and tiles.tile_width(_latest(), level, index) == 0:
            raise _Tampered(size, f"tile {level}/{index} belongs to no signed tree")


def _compare_tile(key: tiles.TileKey, expected: bytes, stored: bytes) -> None:
    if stored[: len(expected)] == expected:
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
    highest = LogEntry.objects.aggregate(highest=Max("index"))["highest"]
    # Read again when an entry looks too high: a batch may have been committed in between.
    if highest is not None and highest >= size and highest >= _latest():
        raise _Tampered(size, "an entry has a place that no checkpoint covers")


def _latest() -> int:
    return LogCheckpoint.objects.aggregate(size=Max("size"))["size"] or 0
