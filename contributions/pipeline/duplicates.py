"""Stage 4: the same record counts once in a call, for the contribution that brought it first.

Claims go as one set into a table whose primary key is (call, fingerprint), by whoever holds the
clusters of the call; `clusters` decides which contribution is the owner of each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from contributions.duplicates import fingerprints
from contributions.models import Contribution, Stage
from contributions.near import place
from contributions.parts import Told, untold
from contributions.pipeline.claims import Claims
from contributions.pipeline.clusters import contest
from contributions.pipeline.keys import fingerprint_key
from contributions.pipeline.near import near_claims
from contributions.pipeline.quality import ACCEPTED, DUPLICATE, MASS, VERDICT
from contributions.pipeline.tables import OWN_MASS, ROW, from_parquet
from contributions.pipeline.under_way import part_done
from contributions.pipeline.work import Settle, Settled, StageWork
from contributions.schema.document import fields_of, missing_values
from contributions.schema.parsing import parse, present

NUMERIC_TYPES = ("integer", "number")
#: Types with several spellings of one value, besides plain numbers.
SPELT_TYPES = ("date", "datetime", "time", "boolean")
#: What makes a number more than digits, a point and an exponent.
DRESSED = ("groupChar", "decimalChar", "bareNumber")


def work(contribution: Contribution) -> Settle:
    """Find repeats within the file; those of other contributions are found while settling."""
    records = from_parquet(contribution.records)
    outcome = from_parquet(contribution.outcome)
    verdict = outcome.column(VERDICT).to_numpy().copy()
    q = outcome.column(MASS).to_numpy().copy()
    accepted = np.nonzero(verdict == ACCEPTED)[0]
    rows = records.take(pa.array(accepted)).drop_columns([ROW])
    numbers = outcome.column(ROW).to_numpy()
    claims_of = _claims(contribution, rows, numbers[accepted])

    def settle(held: Contribution) -> Settled:
        claims = claims_of(held)
        # A test competes with nobody: its records are compared with each other alone.
        won = claims.rows if held.test else contest(held, claims)
        mine = np.isin(numbers, won)
        repeated = (verdict == ACCEPTED) & ~mine
        verdict[repeated] = DUPLICATE
        own = pa.array(q.copy(), pa.int16())
        q[repeated] = 0
        within = len(accepted) - len(claims)
        return Settled(
            changes={"duplicate": int(repeated.sum())},
            outcome=outcome.set_column(1, VERDICT, pa.array(verdict, pa.int8()))
            .set_column(2, MASS, pa.array(q, pa.int16()))
            .append_column(OWN_MASS, own),
            counts={"within": within, "across": int(repeated.sum()) - within},
        )

    return settle


def _claims(
    contribution: Contribution, rows: pa.Table, numbers: npt.NDArray[np.int64]
) -> Callable[[Contribution], Claims]:
    """What may count for a contribution, found now as far as others have no part in it."""
    document = contribution.call_version.document
    rule = document["duplicates"] or {}
    key, digest_key = rule.get("key"), fingerprint_key(contribution.call_id)
    near = {
        name: places for name, places in (rule.get("near") or {}).items() if not key or name in key
    }
    table = spelled(rows, document["schema"], part_done)
    numeric = [
        field["name"]
        for field in document["schema"]["fields"]
        if field.get("type") in NUMERIC_TYPES
    ]
    if near:
        placed = place(table, key=key, near=near, digest_key=digest_key, numeric=numeric)
        return lambda held: near_claims(held, placed, numbers, digest_key=digest_key)
    prints = fingerprints(table, key=key, digest_key=digest_key, numeric=numeric)
    exact = Claims.of(prints, numbers)
    return lambda _held: exact


def spelled(
    table: pa.Table,
    schema: Mapping[str, Any],  # Any: a Table Schema
    told: Told = untold,
) -> pa.Table:
    """The table with one spelling for what the schema reads as one value.

    Marks of a missing value become null; dates, times, truth values and numbers with separators
    are written one way. Text that the schema does not read stays as it is.
    """
    missing = pa.array(sorted(missing_values(schema)), pa.string())
    fields = fields_of(schema)
    for done, field in enumerate(fields):
        # One more part than columns: the comparing that follows.
        told(done, len(fields) + 1)
        name = str(field["name"])
        if name not in table.column_names:
            continue
        text = pc.utf8_trim_whitespace(table.column(name).combine_chunks())
        text = pc.if_else(pc.is_in(text, value_set=missing), pa.scalar(None, pa.string()), text)
        kind = field.get("type")
        dressed = kind in NUMERIC_TYPES and any(mark in field for mark in DRESSED)
        if kind in SPELT_TYPES or dressed:
            parsed = parse(text, field)
            values = pa.array(parsed.values, from_pandas=True).cast(pa.string())
            read = present(text)
            for broken in parsed.broken.values():
                read = read & ~broken
            text = pc.if_else(pa.array(read), values, text)
        table = table.set_column(table.column_names.index(name), name, text)
    return table


STEP = StageWork(
    stage=Stage.DUPLICATES,
    code_version="3",
    reads=lambda contribution: contribution.outcome,
    work=work,
)
