"""Stage 1: the file becomes a table of strings with the columns of the call."""

from __future__ import annotations

import pyarrow as pa

from contributions.calls.document import RESERVED_PREFIX
from contributions.decode import Undecodable, decode_apart
from contributions.models import Contribution, Stage, State
from contributions.pipeline.corrections import last_sent, with_corrections
from contributions.pipeline.endings import Ending
from contributions.pipeline.work import ROW, Found, Settle, Settled, StageWork
from contributions.schema import ColumnsMismatch, extra_columns, match_columns
from dure.core.blobs import open_blob


def work(contribution: Contribution) -> Settle:
    """Read the whole file; ends as returned where it is no table or has other columns."""
    assert contribution.source is not None, "a contribution in the pipeline has its file"
    try:
        decoded = decode_apart(
            open_blob(contribution.source),
            filename=contribution.filename,
            content_type=contribution.content_type,
        )
        schema = contribution.call_version.document["schema"]
        table = match_columns(decoded.table, schema)
    except Undecodable as refusal:
        raise Ending(State.RETURNED, refusal.rule, **refusal.params) from None
    except ColumnsMismatch as mismatch:
        raise Ending(
            State.RETURNED,
            "columns-wrong",
            missing=", ".join(mismatch.missing),
            unknown=", ".join(mismatch.unknown),
        ) from None
    if decoded.rows == 0:
        raise Ending(State.RETURNED, "file.empty")
    # Columns that nobody asked for go as far as the privacy gate, and no further.
    extra = extra_columns(decoded.table, schema)
    for name in extra.column_names:
        # No header may pass for a column of the working table.
        shown = name.replace(RESERVED_PREFIX, "dure ")
        while shown in table.column_names:
            shown += "_"
        table = table.append_column(shown, extra.column(name))
    records = table.append_column(ROW, pa.array(decoded.row_numbers(), pa.int64()))
    records, ragged = with_corrections(contribution, records, decoded.ragged, decoded.rows)
    settled = Settled(
        changes={"received": decoded.rows, "quarantined": len(ragged)},
        records=records,
        findings=[
            Found(p.row, p.rule, p.column, dict(p.params)) for p in (*decoded.notices, *ragged)
        ],
        counts={
            "format": decoded.format,
            "encoding": decoded.encoding,
            "received": decoded.rows,
            "ragged": len(ragged),
            "null_cells": decoded.null_cells,
        },
    )
    return lambda _contribution: settled


STEP = StageWork(stage=Stage.DECODE, code_version="2", reads=last_sent, work=work)
