"""Corrected rows laid over the file they belong to, before anything else looks at it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from contributions.calls.document import RESERVED_PREFIX
from contributions.decode import Undecodable, decode_apart
from contributions.models import Attempt, Contribution, CorrectionMode, State
from contributions.pipeline.endings import Ending
from contributions.pipeline.tables import ROW
from contributions.row_problem import RowProblem
from contributions.schema import ColumnsMismatch, extra_columns, match_columns
from dure.core.blobs import open_blob
from dure.core.models import Blob

#: The reason of a round whose correction could not be laid over the file; it is left out then on.
UNFIT = "correction-unfit"


def last_sent(contribution: Contribution) -> Blob | None:
    """The file of the latest round: what the stage that reads it starts from."""
    if contribution.corrected_at is None:
        return contribution.source
    latest = Attempt.objects.filter(contribution=contribution).select_related("file").last()
    return contribution.source if latest is None else latest.file


def with_corrections(
    contribution: Contribution, records: pa.Table, ragged: Sequence[RowProblem], rows: int
) -> tuple[pa.Table, list[RowProblem]]:
    """`records` (with their row numbers) and `ragged` after every correction of single rows.

    `rows` is how many data rows the file has; a correction replaces some of them and adds none.
    Raises Ending (returned, UNFIT) where a correction is no table of such rows.
    """
    left = list(ragged)
    for correction in _corrections(contribution):
        table = _rows_of(correction, contribution, rows)
        numbers = table.column(ROW)
        kept = records.filter(pc.invert(pc.is_in(records.column(ROW), value_set=numbers)))
        records = pa.concat_tables([kept, table], promote_options="default").sort_by(ROW)
        corrected = set(numbers.to_pylist())
        left = [problem for problem in left if problem.row not in corrected]
    return records, left


def _corrections(contribution: Contribution) -> list[Attempt]:
    """Corrections of rows since the last whole file, without those that were no use."""
    if contribution.corrected_at is None:
        return []
    attempts = list(
        Attempt.objects.filter(contribution=contribution).select_related("file").order_by("number")
    )
    found: list[Attempt] = []
    for place, attempt in enumerate(attempts):
        answered = attempts[place + 1].answers_rule if place + 1 < len(attempts) else ""
        if attempt.mode == CorrectionMode.FILE:
            found = []
        elif answered != UNFIT:
            found.append(attempt)
    return found


def _rows_of(correction: Attempt, contribution: Contribution, rows: int) -> pa.Table:
    schema = contribution.call_version.document["schema"]
    try:
        decoded = decode_apart(
            open_blob(correction.file),
            filename=f"rows{correction.suffix}",
            content_type=correction.content_type,
        )
        table = match_columns(decoded.table, schema)
    except (Undecodable, ColumnsMismatch):
        raise Ending(State.RETURNED, UNFIT) from None
    if decoded.ragged or ROW not in decoded.table.column_names:
        raise Ending(State.RETURNED, UNFIT)
    numbers = _numbers(decoded.table.column(ROW), rows)
    extra = extra_columns(decoded.table, schema)
    for name in extra.column_names:
        # What else was sent goes as far as the privacy gate; our own columns carry no data.
        if not name.startswith(RESERVED_PREFIX) and name not in table.column_names:
            table = table.append_column(name, extra.column(name))
    return table.append_column(ROW, numbers)


def _numbers(texts: pa.ChunkedArray, rows: int) -> pa.Array:
    trimmed = pc.utf8_trim_whitespace(texts.combine_chunks())
    plain = pc.all(pc.fill_null(pc.match_substring_regex(trimmed, "^[0-9]{1,9}$"), False)).as_py()
    if not plain:
        raise Ending(State.RETURNED, UNFIT)
    numbers = trimmed.cast(pa.int64())
    values = numbers.to_numpy()
    if not len(values) or values.min() < 1 or values.max() > rows:
        raise Ending(State.RETURNED, UNFIT)
    if len(np.unique(values)) != len(values):
        raise Ending(State.RETURNED, UNFIT)
    return numbers
