"""Tiles as C2SP tlog-tiles has them: where they stand, what they hold, how they grow.

A tile of level L holds up to 256 hashes, each the root of a perfect subtree of ``256**L`` leaves.
Entry bundles hold the leaves themselves, each with a big-endian uint16 length before it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from governance.log.merkle import HASH_SIZE_BYTES, Node

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
TILE_SIZE_BYTES = TILE_WIDTH * HASH_SIZE_BYTES
LEVEL_MAX = 63
ENTRY_SIZE_BYTES_MAX = 0xFFFF

_INDEX = r"(?:x\d{3}/)*\d{3}"
_PATH = re.compile(
    rf"(?P<level>entries|0|[1-9]\d?)/(?P<index>{_INDEX})(?:\.p/(?P<width>[1-9]\d{{0,2}}))?",
    re.ASCII,
)


class TileKey(NamedTuple):
    """A hash tile: its level and its position in the level."""

    level: int
    number: int


@dataclass(frozen=True)
class TilePath:
    """A parsed tile path; ``level`` is None for a bundle of entries."""

    level: int | None
    index: int
    width: int


def format_tile_path(level: int | None, index: int, width: int = TILE_WIDTH) -> str:
    """``tile/<L>/<N>[.p/<W>]``, for example ``tile/0/x001/x234/067.p/8``; None means entries."""
    groups = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        groups.append(f"x{index % 1000:03d}")
    kind = "entries" if level is None else str(level)
    partial = "" if width == TILE_WIDTH else f".p/{width}"
    return f"tile/{kind}/{'/'.join(reversed(groups))}{partial}"


def parse_tile_path(path: str) -> TilePath:
    """Reads what follows ``tile/``; only the one canonical spelling of a tile is accepted.

    Raises ValueError for anything else.
    """
    match = _PATH.fullmatch(path)
    if match is None:
        msg = "not a tile path"
        raise ValueError(msg)
    level = None if match["level"] == "entries" else int(match["level"])
    index = int(match["index"].replace("x", "").replace("/", ""))
    width = int(match["width"] or TILE_WIDTH)
    parsed = TilePath(level, index, width)
    if (level or 0) > LEVEL_MAX or format_tile_path(level, index, width) != f"tile/{path}":
        msg = "not the canonical spelling of a tile path"
        raise ValueError(msg)
    return parsed


def tile_width(size: int, level: int, index: int) -> int:
    """How many hashes tile (level, index) holds in a tree of ``size`` leaves, 0 to 256."""
    return max(0, min(TILE_WIDTH, (size >> TILE_HEIGHT * level) - index * TILE_WIDTH))


def tails(size: int) -> list[TileKey]:
    """The incomplete tile at the right edge of each level that has one."""
    keys = []
    level, count = 0, size
    while count:
        if count % TILE_WIDTH:
            keys.append(TileKey(level, count // TILE_WIDTH))
        count >>= TILE_HEIGHT
        level += 1
    return keys


def extend(
    size: int, tail_tiles: Mapping[TileKey, bytes], leaf_hashes: Sequence[bytes]
) -> dict[TileKey, bytes]:
    """The tiles that change when ``leaf_hashes`` join a tree of ``size`` leaves.

    ``tail_tiles`` holds the content of ``tails(size)``; the answer holds whole tile contents.
    """
    changed: dict[TileKey, bytes] = {}
    level, arriving = 0, b"".join(leaf_hashes)
    while arriving:
        count = size >> TILE_HEIGHT * level
        first = count // TILE_WIDTH
        before = tail_tiles[TileKey(level, first)] if count % TILE_WIDTH else b""
        if len(before) != count % TILE_WIDTH * HASH_SIZE_BYTES:
            msg = f"tile {level}/{first} does not have the width of a tree of {size}"
            raise ValueError(msg)
        content = before + arriving
        roots = []
        for place, start in enumerate(range(0, len(content), TILE_SIZE_BYTES)):
            tile = content[start : start + TILE_SIZE_BYTES]
            changed[TileKey(level, first + place)] = tile
            if len(tile) == TILE_SIZE_BYTES:
                roots.append(fold(tile))
        level, arriving = level + 1, b"".join(roots)
    return changed


def fold(hashes: bytes) -> bytes:
    """The root over a power of two of concatenated hashes (a full tile, or part of one)."""
    row = hashes
    while len(row) > HASH_SIZE_BYTES:
        row = b"".join(
            [
                sha256(b"\x01" + row[at : at + 2 * HASH_SIZE_BYTES]).digest()
                for at in range(0, len(row), 2 * HASH_SIZE_BYTES)
            ]
        )
    return row


def nodes_from(read: Callable[[TileKey], bytes]) -> Node:
    """Reads stored tiles as a tree; each tile is fetched once and only when it is needed."""
    fetched: dict[TileKey, bytes] = {}

    def node(level: int, index: int) -> bytes:
        tile_level, height = divmod(level, TILE_HEIGHT)
        first = index << height
        key = TileKey(tile_level, first // TILE_WIDTH)
        if key not in fetched:
            fetched[key] = read(key)
        start = first % TILE_WIDTH * HASH_SIZE_BYTES
        end = start + (HASH_SIZE_BYTES << height)
        if end > len(fetched[key]):
            msg = f"tile {key.level}/{key.number} is narrower than the tree needs"
            raise IndexError(msg)
        return fold(fetched[key][start:end])

    return node


def join_entries(bodies: Iterable[bytes]) -> bytes:
    """A bundle of entries: each with its length as a big-endian uint16 before it."""
    parts = []
    for body in bodies:
        if len(body) > ENTRY_SIZE_BYTES_MAX:
            msg = f"an entry of {len(body)} bytes is longer than {ENTRY_SIZE_BYTES_MAX}"
            raise ValueError(msg)
        parts += [len(body).to_bytes(2, "big"), body]
    return b"".join(parts)


def split_entries(bundle: bytes) -> list[bytes]:
    """The bodies in a bundle of entries; ValueError if it is cut off."""
    bodies = []
    at = 0
    while at < len(bundle):
        end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
        if at + 2 > len(bundle) or end > len(bundle):
            msg = "the bundle of entries is cut off"
            raise ValueError(msg)
        bodies.append(bundle[at + 2 : end])
        at = end
    return bodies
