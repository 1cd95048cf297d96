"""What a contribution claims in one call, and how PostgreSQL is told of it, whatever the number.

A few claims travel as arrays inside a statement. Many are copied: into a table of this transaction
alone, to be compared with what others hold, and straight into the table of fingerprints.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt
from django.db import connection

from contributions.duplicates import SIZE

#: Claims that one statement carries as arrays; above that they are copied.
CARRIED_MAX = 1_000
#: Rows of one piece of a copy: a few megabytes of memory.
PIECE = 100_000
DIGEST = f"V{SIZE}"
# The frame of PostgreSQL's binary copy format: a signature, flags and an extension; an end.
COPY_HEAD = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
COPY_END = b"\xff\xff"

ARRAYS = "unnest(%s::bytea[], %s::int[]) AS claimed (digest, place)"
STAGE = "CREATE TEMPORARY TABLE claimed (digest bytea, place int) ON COMMIT DROP"
STAGE_COPY = "COPY claimed (digest, place) FROM STDIN (FORMAT binary)"
STAGE_END = "DROP TABLE claimed"
FINGERPRINTS_COPY = """
COPY contributions_recordfingerprint (call_id, digest, contribution_id, "row")
FROM STDIN (FORMAT binary)
"""


@dataclass(frozen=True)
class Claims:
    """Fingerprints (16 bytes each, in their order) and the number of the row that has each."""

    digests: npt.NDArray[np.void]
    rows: npt.NDArray[np.int32]

    @classmethod
    def of(cls, digests: Sequence[bytes], rows: npt.ArrayLike) -> Claims:
        """Distinct fingerprints, the first row of each; `digests` and `rows` belong together."""
        found = np.frombuffer(b"".join(digests), DIGEST)
        order, new = in_order(found)
        first = order[new]
        return cls(found[first], np.asarray(rows, np.int32)[first])

    def __len__(self) -> int:
        return len(self.rows)

    def at(self, mask: npt.NDArray[np.bool_]) -> Claims:
        """Those where the mask is true."""
        return Claims(self.digests[mask], self.rows[mask])

    def without(self, rows: Iterable[int]) -> Claims:
        """Those of other rows."""
        gone = np.fromiter(rows, np.int32)
        return self.at(~np.isin(self.rows, gone)) if len(gone) else self

    @property
    def arrays(self) -> list[list[Any]]:
        """The parameters of `ARRAYS`."""
        return [[each.tobytes() for each in self.digests], self.rows.tolist()]


def in_order(
    digests: npt.NDArray[np.void],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """The order of fingerprints, equal ones as they came, and where in it a new one begins."""
    high, low = digests.view(">u8").reshape(len(digests), 2).T.astype(np.uint64)
    order = np.lexsort((low, high))
    new = np.ones(len(order), np.bool_)
    new[1:] = (high[order][1:] != high[order][:-1]) | (low[order][1:] != low[order][:-1])
    return order, new


@contextmanager
def comparable(claims: Claims) -> Iterator[tuple[str, list[Any]]]:
    """The relation `claimed (digest, place)` for a FROM clause, and its parameters."""
    if len(claims) <= CARRIED_MAX:
        yield ARRAYS, claims.arrays
        return
    with connection.cursor() as cursor:
        cursor.execute(STAGE)
        _copy(STAGE_COPY, [("digest", DIGEST), ("place", ">i4")], claims, {})
        # Without its size the planner would look up one claim after the other.
        cursor.execute("ANALYZE claimed")
        yield "claimed", []
        cursor.execute(STAGE_END)


def copy_in(call_id: UUID, contribution_id: UUID, claims: Claims) -> None:
    """Write fingerprints that nobody holds; PostgreSQL refuses all where somebody does."""
    always = {"call": call_id.bytes, "contribution": contribution_id.bytes}
    columns = [("call", "V16"), ("digest", DIGEST), ("contribution", "V16"), ("place", ">i4")]
    _copy(FINGERPRINTS_COPY, columns, claims, always)


def _copy(
    statement: str, columns: list[tuple[str, str]], claims: Claims, always: dict[str, bytes]
) -> None:
    """Each row as the binary format has it: the number of fields, then each with its length."""
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    for name, kind in columns:
        layout += [(f"length of {name}", ">i4"), (name, kind)]
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(statement) as copy,
    ):
        copy.write(COPY_HEAD)
        for start in range(0, len(claims), PIECE):
            digests = claims.digests[start : start + PIECE]
            piece = np.zeros(len(digests), np.dtype(layout))
            piece["fields"] = len(columns)
            for name, kind in columns:
                piece[f"length of {name}"] = np.dtype(kind).itemsize
            for name, value in always.items():
                piece[name] = np.void(value)
            piece["digest"], piece["place"] = digests, claims.rows[start : start + PIECE]
            copy.write(piece.tobytes())
        copy.write(COPY_END)
