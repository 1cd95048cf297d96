"""The Merkle tree over a batch's shares, stored so that a proof reads one tile and one chunk.

A leaf is the RFC 6962 hash of the canonical line of a share: account, amount, batch and weight, in
text. PostgreSQL writes the lines; Python, which asks the processor itself, hashes them faster than
PostgreSQL would. Leaves are not stored: the 256 of a tile are made again from its rows. Roots of
whole tiles stand in the row of their chunk.
"""

from __future__ import annotations

from typing import Final

from django.db import connection

from governance.log import merkle
from rewards.models import BulkBatch, BulkChunk

TILE_BITS: Final = 8

_LINES: Final = "SELECT lines, shares FROM rewards_bulk_lines(%s, %s, %s, %s)"


def leaves(batch: BulkBatch, first: int, last: int) -> list[list[bytes]]:
    """Leaf hashes of shares, tile by tile; ``first`` begins a tile.

    Raises ValueError where a share's account does not keep the asset of the batch.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LINES, [batch.id, first, last, tile_bits(batch)])
        tiles = cursor.fetchall()
    if sum(count for _, count in tiles) != last - first + 1:
        raise ValueError("a share's account does not keep the asset of its batch")
    return [[merkle.leaf_hash(line) for line in run.encode().split(b"\n")] for run, _ in tiles]


def hash_chunk(batch: BulkBatch, place: int) -> None:
    """Store the roots of a loaded chunk's whole tiles; a second time changes nothing."""
    chunk = BulkChunk.objects.get(batch_id=batch.id, place=place)
    if chunk.tiles is not None:
        return
    whole = 1 << tile_bits(batch)
    runs = leaves(batch, chunk.first, chunk.last)
    tiles = [merkle.root(run) for run in runs if len(run) == whole]
    complete = chunk.last - chunk.first + 1 == 1 << batch.chunk_bits
    BulkChunk.objects.filter(batch_id=batch.id, place=place, tiles=None).update(
        tiles=b"".join(tiles), root=merkle.root(tiles) if complete else None
    )


def recomputed_root(batch: BulkBatch) -> bytes:
    """The root from the rows up, with nothing that is stored; seconds for millions."""
    frontier, step = merkle.Frontier(), 1 << max(18, tile_bits(batch))
    for first in range(0, batch.people or 0, step):
        for run in leaves(batch, first, min(first + step, batch.people or 0) - 1):
            for leaf in run:
                frontier.append(leaf)
    return frontier.root()


class StoredTree:
    """The tree of a batch whose chunks are hashed; reads what a root or a proof asks for."""

    def __init__(self, batch: BulkBatch) -> None:
        self.batch = batch
        self.size = batch.people or 0
        self._tiles: dict[int, list[bytes]] = {}
        self._leaves: dict[int, list[bytes]] = {}
        self._roots: list[bytes] | None = None

    def root(self) -> bytes:
        return merkle.root_of(self.size, self.node)

    def proof(self, index: int) -> list[bytes]:
        """Siblings of a leaf from the bottom up; ValueError where there is no such leaf."""
        return merkle.inclusion_path_of(index, self.size, self.node)

    def node(self, level: int, index: int) -> bytes:
        """Hash of the whole subtree of ``2**level`` leaves at ``index``."""
        lowest, highest = tile_bits(self.batch), self.batch.chunk_bits
        if level >= highest:
            return _subtree(self._chunk_roots(), index, level - highest)
        if level >= lowest:
            place, within = divmod(index, 1 << highest - level)
            return _subtree(self._tiles_of(place), within, level - lowest)
        tile, within = divmod(index, 1 << lowest - level)
        return _subtree(self._leaves_of(tile), within, level)

    def _chunk_roots(self) -> list[bytes]:
        if self._roots is None:
            chunks = BulkChunk.objects.filter(batch_id=self.batch.id, root__isnull=False)
            rows = chunks.order_by("place").values_list("root", flat=True)
            self._roots = [bytes(root) for root in rows if root is not None]
        return self._roots

    def _tiles_of(self, place: int) -> list[bytes]:
        if place not in self._tiles:
            stored = BulkChunk.objects.get(batch_id=self.batch.id, place=place).tiles
            self._tiles[place] = split(bytes(stored or b""))
        return self._tiles[place]

    def _leaves_of(self, tile: int) -> list[bytes]:
        if tile not in self._leaves:
            bits = tile_bits(self.batch)
            last = min((tile + 1) << bits, self.size) - 1
            (self._leaves[tile],) = leaves(self.batch, tile << bits, last)
        return self._leaves[tile]


def tile_bits(batch: BulkBatch) -> int:
    return min(TILE_BITS, batch.chunk_bits)


def split(run: bytes) -> list[bytes]:
    """Hashes that stand one after another."""
    size = merkle.HASH_SIZE_BYTES
    return [run[start : start + size] for start in range(0, len(run), size)]


def _subtree(row: list[bytes], index: int, height: int) -> bytes:
    """Root of ``2**height`` neighbours in a row of nodes."""
    return merkle.root(row[index << height : (index + 1) << height])
