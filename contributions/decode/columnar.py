"""Parquet: typed cells become the exact text that a careful person would have written in a CSV.

Dictionaries stay packed while the file is read, so that their true size is known before a single
string is unpacked: metadata understates it a thousandfold.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from contributions.decode.header import check_cells, clean_names, drop_nameless
from contributions.decode.result import Limits, Undecodable

BATCH_ROWS = 65_536
#: First rows that unfold to more text than this are not for a quick look.
LOOK_BYTES_MAX = 16 * 1024 * 1024


def read_parquet(data: bytes, *, limits: Limits, first_rows: int | None = None) -> pa.Table:
    """All columns as strings. Raises `file.not_a_table` for a damaged or truncated file."""
    try:
        return _read(data, limits, first_rows)
    except MemoryError:  # also Arrow's own
        raise Undecodable("file.limit") from None
    except (pa.ArrowException, OSError, UnicodeDecodeError):
        raise Undecodable("file.not_a_table", kind="Parquet") from None


def _read(data: bytes, limits: Limits, first_rows: int | None) -> pa.Table:
    source = pa.BufferReader(data)
    schema = pq.ParquetFile(source).schema_arrow
    texts = [field.name for field in schema if pa.types.is_string(field.type)]
    names = clean_names(schema.names, limits)
    file = pq.ParquetFile(pa.BufferReader(data), read_dictionary=texts)
    if file.metadata.num_rows > limits.rows_max:
        raise Undecodable("file.too_many_rows", limit=limits.rows_max)
    for field in schema:
        if pa.types.is_nested(field.type):
            raise Undecodable("file.nested_value", row=1)
    batches: list[pa.Table] = []
    rows = text_bytes = 0
    for batch in file.iter_batches(batch_size=min(BATCH_ROWS, first_rows or BATCH_ROWS)):
        rows += batch.num_rows
        if rows > limits.rows_max:
            raise Undecodable("file.too_many_rows", limit=limits.rows_max)
        arrays = []
        for column in batch.columns:
            text_bytes += _unpacked_bytes(column)
            if first_rows is not None and text_bytes > LOOK_BYTES_MAX:
                raise Undecodable("file.not_previewable")
            if text_bytes > limits.text_bytes_max:
                raise Undecodable("file.too_large", limit=limits.text_bytes_max)
            arrays.append(as_text(column))
        batches.append(pa.table(arrays, names=[f"c{at}" for at in range(len(names))]))
        if first_rows is not None and rows >= first_rows:
            break
    if not rows:
        raise Undecodable("file.no_rows")
    table = pa.concat_tables(batches)
    check_cells(table, limits)
    for column in table.columns:
        if pc.any(pc.match_substring(column, "\x00")).as_py():
            raise Undecodable("file.nul", line=0)
    return drop_nameless(table, names)


def _unpacked_bytes(column: pa.Array) -> int:
    if not pa.types.is_dictionary(column.type):
        return int(column.nbytes)
    lengths = pc.binary_length(column.dictionary)
    return int(pc.sum(lengths.take(column.indices)).as_py() or 0)


def as_text(column: pa.Array) -> pa.Array:
    """Strings for any flat column: 3.0 is "3", dates are ISO 8601, empty strings are null."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
        kind = column.type
    if pa.types.is_floating(kind):
        text = _float_text(column)
    elif pa.types.is_decimal(kind):
        text = pc.replace_substring_regex(column.cast(pa.string()), r"(\.[0-9]*?)0+$", r"\1")
        text = pc.replace_substring_regex(text, r"\.$", "")
    elif pa.types.is_timestamp(kind):
        text = pc.replace_substring(column.cast(pa.string()), " ", "T", max_replacements=1)
        text = pc.replace_substring_regex(text, r"\.0+([+\-Z]|$)", r"\1")
        text = pc.replace_substring_regex(text, r"T00:00:00$", "") if kind.tz is None else text
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        text = column.cast(pa.string())
    else:
        text = column.cast(pa.string())
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def _float_text(column: pa.Array) -> pa.Array:
    """The shortest text that reads back as the same number; whole numbers without exponent."""
    text = column.cast(pa.string())
    wide = column.cast(pa.float64())
    # 2**53: beyond it a float no longer names one whole number, so its own notation stays.
    exact = pc.and_(pc.equal(pc.floor(wide), wide), pc.less(pc.abs(wide), float(2**53)))
    whole = pc.if_else(exact, wide, pa.scalar(0.0)).cast(pa.int64()).cast(pa.string())
    return pc.if_else(exact, whole, text)
