"""Records that differ only by noise, found without keeping the record and without an edge.

Each near column is cut into cells of half a unit of its last decimal that counts (0.05 for one
decimal). Two records are near when all else agrees and no cell is more than one step away: what
differs by half a unit or less is always near, what differs by a whole unit never is, wherever the
values lie. Rounding would tell 2.49 and 2.51 apart; cells and their neighbours do not.

Nearness does not carry on from neighbour to neighbour, or a long row of records would be one. So a
cluster has an anchor, the first record that was near to no anchor before it, and a record belongs
to the anchor it is near to; of several, to the one whose owner came first. Within one contribution
"first" means the order of the values, so that neither rows, columns nor files can be arranged.

The anchor's cells enter a keyed BLAKE2b, as everywhere; see `contributions.duplicates`.
"""

from __future__ import annotations

import itertools
import struct
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from hashlib import blake2b
from operator import add
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from contributions.duplicates import ABSENT, SIZE, canonical_number, encoded, framed

#: Cells are kept in 64 bits; a number too far out for that is told apart by its text.
CELL_MAX = 2**62
NUMBER = b"\x02"
#: A digest of everything but the near values, and the cell in each near column.
Spot = tuple[bytes, tuple[int, ...]]
#: How early the owner of an anchor came; anything that sorts.
Rank = Any


@dataclass(frozen=True)
class Placed:
    """Rows on the grid: distinct `spots` in the order of their values, the spot of each row."""

    spots: list[Spot]
    spot_of_row: npt.NDArray[np.int64]
    #: The first row (0-based) of each spot.
    first_rows: npt.NDArray[np.int64]


def place(
    table: pa.Table,
    *,
    key: Sequence[str] | None,
    near: Mapping[str, int],
    digest_key: bytes,
    numeric: Collection[str] = (),
) -> Placed:
    """Find the spot of each row by the `key` columns, or all where there are none.

    `near`: decimals that tell two records apart, by column. What holds no number in a near column
    is told apart by its text. Raises KeyError when a key column is not in the table.
    """
    names = sorted(set(key) if key else table.column_names)
    heading = b"".join(
        framed(unicodedata.normalize("NFC", name).encode()) + bytes([near.get(name, 255)])
        for name in names
    )
    started = blake2b(framed(heading), digest_size=SIZE, key=digest_key)
    texts: list[list[bytes]] = []
    cells: list[list[int]] = []
    for name in names:
        if name in near:
            text, cell = _cells(table.column(name), near[name])
            texts.append(text)
            cells.append(cell)
        else:
            texts.append(encoded(table.column(name), numeric=name in numeric))
    groups: list[bytes] = []
    for parts in zip(*texts, strict=True):
        state = started.copy()
        state.update(b"".join(parts))
        groups.append(state.digest())
    return _gathered(groups, np.array(cells, np.int64).reshape(len(cells), len(groups)))


def _gathered(groups: list[bytes], cells: npt.NDArray[np.int64]) -> Placed:
    """Distinct spots of the rows, sorted by group and cells; `cells` has a line a column."""
    halves = np.frombuffer(b"".join(groups), ">u8").reshape(len(groups), 2).T.astype(np.uint64)
    keys = [*cells[::-1], halves[1], halves[0]]
    order = np.lexsort(keys)  # stable: of equal rows the first stays in front
    new = np.ones(len(order), np.bool_)
    new[1:] = False
    for each in keys:
        new[1:] |= each[order][1:] != each[order][:-1]
    spot_of_row = np.empty(len(order), np.int64)
    spot_of_row[order] = np.cumsum(new) - 1
    first = order[new]
    spots = [
        (groups[row], tuple(at))
        for row, at in zip(first.tolist(), cells[:, first].T.tolist(), strict=True)
    ]
    return Placed(spots, spot_of_row, first.astype(np.int64))


def digest_of(spot: Spot, *, digest_key: bytes) -> bytes:
    """16 bytes by which an anchor on this spot is known."""
    return _digest(spot, blake2b(digest_size=SIZE, key=digest_key))


def _digest(spot: Spot, started: blake2b) -> bytes:
    group, cells = spot
    state = started.copy()
    state.update(group + _packing(len(cells)).pack(*cells))
    return state.digest()


@cache
def _packing(columns: int) -> struct.Struct:
    return struct.Struct(f"<{columns}q")


@cache
def _steps(columns: int) -> tuple[tuple[int, ...], ...]:
    return tuple(itertools.product((0, -1, 1), repeat=columns))


def around(spot: Spot) -> list[Spot]:
    """The spots that are near to one: itself first, then its neighbours in a fixed order."""
    group, cells = spot
    if len(cells) == 1:
        (cell,) = cells
        return [(group, (cell,)), (group, (cell - 1,)), (group, (cell + 1,))]
    return [(group, tuple(map(add, cells, step))) for step in _steps(len(cells))]


def resolve(
    spots: Sequence[Spot], *, known: Mapping[bytes, Rank], digest_key: bytes
) -> list[bytes | None]:
    """For each spot, in the order of `Placed`: the anchor that it may count for, or None.

    `known`: anchors that others hold, with how early their owners came. No two spots are given the
    same anchor: where a cluster has several rows of one file, the first spot stands for it.
    """
    started = blake2b(digest_size=SIZE, key=digest_key)
    leads: set[Spot] = set()
    taken: set[bytes] = set()
    found: list[bytes | None] = []
    for number, spot in enumerate(spots):
        anchor: bytes | None = None
        if known:
            digests = [_digest(each, started) for each in around(spot)]
            ranked = [(known[d], at, d) for at, d in enumerate(digests) if d in known]
            anchor = min(ranked)[2] if ranked else None
        if anchor is None and _leads(spots, number, leads):
            anchor = _digest(spot, started)
        if anchor in taken:
            anchor = None
        elif anchor is not None:
            taken.add(anchor)
        found.append(anchor)
    return found


def _leads(spots: Sequence[Spot], number: int, leads: set[Spot]) -> bool:
    """Whether no spot before this one leads its neighbours; then it does."""
    spot = spots[number]
    before = number > 0 and spots[number - 1][0] == spot[0]
    after = number + 1 < len(spots) and spots[number + 1][0] == spot[0]
    if before and not leads.isdisjoint(around(spot)):
        return False
    if before or after:
        leads.add(spot)
    return True


def _cells(column: pa.ChunkedArray, places: int) -> tuple[list[bytes], list[int]]:
    """For each row what stands for the value in the group, and its cell; once per value."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if not pa.types.is_string(array.type):
        array = array.cast(pa.string())
    values = pc.dictionary_encode(array)
    texts: list[bytes] = []
    cells: list[int] = []
    for text in values.dictionary.to_pylist():
        spelled = canonical_number(text)
        cell = _cell(spelled, places)
        if cell is None:
            texts.append(b"\x01" + framed(spelled.encode()) if spelled else ABSENT)
            cells.append(0)
        else:
            texts.append(NUMBER)
            cells.append(cell)
    texts.append(ABSENT)
    cells.append(0)
    indices = values.indices.fill_null(len(texts) - 1).to_pylist()
    return [texts[at] for at in indices], [cells[at] for at in indices]


def _cell(text: str, places: int) -> int | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    if not value.is_finite() or value.adjusted() > 18:
        return None
    if value.adjusted() < -30:
        # As good as nothing, and its fraction would be long.
        return -1 if value < 0 else 0
    numerator, denominator = value.as_integer_ratio()
    cell = 2 * 10**places * numerator // denominator
    return cell if abs(cell) < CELL_MAX else None
