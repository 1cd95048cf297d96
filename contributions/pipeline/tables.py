"""How the working tables are stored between stages, and the columns that every stage knows."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq

from dure.core.blobs import open_blob
from dure.core.models import Blob

#: The 1-based data row of the file, carried with every record through the pipeline.
ROW = "dure:row"
#: Quality mass of the record itself, also where another contribution counts for it.
OWN_MASS = "dure:own"


def to_parquet(table: pa.Table) -> bytes:
    """A working table as it is stored between stages."""
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def from_parquet(blob: Blob | None) -> pa.Table:
    """The working table that an earlier stage stored."""
    assert blob is not None, "an earlier stage stored this table"
    return pq.read_table(open_blob(blob))
