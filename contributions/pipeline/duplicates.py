"""Stage 4: the same record counts once in a call, for the contribution that brought it first.

Claims are set-based inserts into a table whose primary key is (call, fingerprint): PostgreSQL
decides who was first, also between two workers in the same moment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from uuid import UUID

import numpy as np
import pyarrow as pa
from django.db import connection

from contributions.duplicates import fingerprints, first_occurrences
from contributions.models import Contribution, Stage
from contributions.pipeline.keys import fingerprint_key
from contributions.pipeline.quality import ACCEPTED, DUPLICATE, MASS, VERDICT
from contributions.pipeline.work import ROW, Settle, Settled, StageWork, from_parquet

BATCH = 100_000
NUMERIC_TYPES = ("integer", "number")

CLAIM = """
INSERT INTO contributions_recordfingerprint (call_id, digest, contribution_id, "row")
SELECT %s, claimed.digest, %s, claimed.place
FROM unnest(%s::bytea[], %s::int[]) AS claimed (digest, place)
ON CONFLICT (call_id, digest) DO NOTHING
RETURNING "row"
"""


def work(contribution: Contribution) -> Settle:
    """Find repeats within the file; those of other contributions are found while settling."""
    document = contribution.call_version.document
    records = from_parquet(contribution.records)
    outcome = from_parquet(contribution.outcome)
    verdict = outcome.column(VERDICT).to_numpy().copy()
    q = outcome.column(MASS).to_numpy().copy()
    accepted = np.nonzero(verdict == ACCEPTED)[0]
    rows = records.take(pa.array(accepted)).drop_columns([ROW])
    rule = document["duplicates"] or {}
    prints = fingerprints(
        rounded(rows, rule.get("near") or {}),
        key=rule.get("key"),
        digest_key=fingerprint_key(contribution.call_id),
        numeric=[
            field["name"]
            for field in document["schema"]["fields"]
            if field.get("type") in NUMERIC_TYPES
        ],
    )
    first = first_occurrences(prints)
    numbers = outcome.column(ROW).to_numpy()
    candidates = sorted(
        (prints[place], int(numbers[accepted[place]])) for place in np.nonzero(first)[0]
    )

    def settle(held: Contribution) -> Settled:
        won = claim(call_id=held.call_id, contribution_id=held.id, candidates=candidates)
        mine = np.isin(numbers, np.fromiter(won, np.int64, len(won)))
        repeated = (verdict == ACCEPTED) & ~mine
        verdict[repeated] = DUPLICATE
        q[repeated] = 0
        within = int((~first).sum())
        return Settled(
            changes={"duplicate": int(repeated.sum())},
            outcome=outcome.set_column(1, VERDICT, pa.array(verdict, pa.int8())).set_column(
                2, MASS, pa.array(q, pa.int16())
            ),
            counts={"within": within, "across": int(repeated.sum()) - within},
        )

    return settle


def rounded(table: pa.Table, decimals: Mapping[str, int]) -> pa.Table:
    """The table with some numeric columns cut to so many decimals, so that noise makes no record.

    Cells that hold no number stay as they are.
    """
    for name, places in decimals.items():
        place = table.column_names.index(name)
        texts = table.column(name).to_pylist()
        column = pa.array([_rounded(text, places) for text in texts], pa.string())
        table = table.set_column(place, name, column)
    return table


def _rounded(text: str | None, places: int) -> str | None:
    try:
        return text and str(round(Decimal(text.strip()), places))
    except InvalidOperation:
        return text


def claim(
    *, call_id: UUID, contribution_id: UUID, candidates: Sequence[tuple[bytes, int]]
) -> list[int]:
    """Claim fingerprints for a contribution; returns the rows that nobody had claimed before.

    `candidates` are (digest, row), sorted by digest: workers that meet take their locks in the
    same order and cannot block each other for ever. Runs inside the caller's transaction.
    """
    won: list[int] = []
    with connection.cursor() as cursor:
        for start in range(0, len(candidates), BATCH):
            part = candidates[start : start + BATCH]
            cursor.execute(
                CLAIM,
                [call_id, contribution_id, [each[0] for each in part], [each[1] for each in part]],
            )
            won.extend(row for (row,) in cursor.fetchall())
    return won


STEP = StageWork(
    stage=Stage.DUPLICATES,
    code_version="1",
    reads=lambda contribution: contribution.outcome,
    work=work,
)
