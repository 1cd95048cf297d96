"""How the working tables are stored between stages, and the columns that every stage knows."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq

from dure.core.blobs import open_blob
from dure.core.models import Blob

#: The 1-based data row of the file, carried with every record through the pipeline.
ROW = "dure:row"
#: Quality mass of the record itself, also where another contribution counts for it.
OWN_MASS = "dure:own"

_tables: ContextVar[dict[UUID, pa.Table] | None] = ContextVar("tables_at_hand", default=None)


@contextmanager
def tables_at_hand() -> Iterator[None]:
    """Within the block a table that a stage made is not read back; it may not even be stored."""
    token = _tables.set({})
    try:
        yield
    finally:
        _tables.reset(token)


def lay_at_hand(blob: Blob, table: pa.Table) -> None:
    """Keep a table for `from_parquet`, where a block of `tables_at_hand` asked for that."""
    known = _tables.get()
    if known is not None:
        known[blob.id] = table


def to_parquet(table: pa.Table) -> bytes:
    """A working table as it is stored between stages."""
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def from_parquet(blob: Blob | None) -> pa.Table:
    """The working table that an earlier stage stored."""
    assert blob is not None, "an earlier stage stored this table"
    known = _tables.get() or {}
    if blob.id in known:
        return known[blob.id]
    return pq.read_table(open_blob(blob))
