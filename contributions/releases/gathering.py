"""All records that may go into a release, as one table of texts with where each came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from django.db.models import QuerySet

from contributions.models import CallVersion, Contribution
from contributions.pipeline.cells import STRATUM
from contributions.pipeline.quality import ACCEPTED, MASS, VERDICT
from contributions.pipeline.work import ROW, from_parquet
from contributions.schema import trimmed_columns

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Gathered:
    """`table`: the columns of the call as texts, null where missing; all else by position.

    `source` is the place of a record's contribution in `contributions`, `row` its 1-based data row
    there, `mass` its quality in thousandths, `strata` its stratum by dimension (None: in none).
    """

    contributions: Sequence[Contribution]
    table: pa.Table
    source: Integers
    row: Integers
    mass: Integers
    strata: dict[str, list[str | None]]

    @property
    def owners(self) -> list[UUID]:
        """The party behind each record."""
        parties = [contribution.party_id for contribution in self.contributions]
        return [parties[place] for place in self.source]

    def only(self, wanted: npt.NDArray[np.bool_]) -> Gathered:
        """The records at the positions where `wanted` is true."""
        at = np.nonzero(wanted)[0]
        return Gathered(
            self.contributions,
            self.table.take(pa.array(at)),
            self.source[at],
            self.row[at],
            self.mass[at],
            {name: [keys[place] for place in at] for name, keys in self.strata.items()},
        )


def gather_from(version: CallVersion, wanted: QuerySet[Contribution]) -> Gathered:
    """Accepted records of these contributions, which the caller has found usable.

    Columns are those of the given version of the call; a record of an older version is null in
    columns that were not asked for then.
    """
    found = wanted.select_related("records", "outcome")
    contributions = [each for each in found if each.accepted]
    names = [field["name"] for field in version.document["schema"]["fields"]]
    dimensions = [part["dimension"] for part in version.document["strata"]]
    tables: list[pa.Table] = []
    source: list[Integers] = []
    rows: list[Integers] = []
    mass: list[Integers] = []
    strata: dict[str, list[str | None]] = {dimension: [] for dimension in dimensions}
    for place, contribution in enumerate(contributions):
        outcome = from_parquet(contribution.outcome)
        accepted = np.nonzero(outcome.column(VERDICT).to_numpy() == ACCEPTED)[0]
        taken = outcome.take(pa.array(accepted))
        records = from_parquet(contribution.records).take(pa.array(accepted))
        tables.append(_columns(records, names))
        source.append(np.full(len(accepted), place, np.int64))
        rows.append(taken.column(ROW).to_numpy().astype(np.int64))
        mass.append(taken.column(MASS).to_numpy().astype(np.int64))
        for dimension, keys in strata.items():
            name = STRATUM + dimension
            known = name in taken.column_names
            keys += taken.column(name).to_pylist() if known else [None] * len(accepted)
    none = np.zeros(0, np.int64)
    empty = pa.table({name: pa.array([], pa.string()) for name in names})
    whole = pa.concat_tables([empty, *tables])
    return Gathered(
        contributions,
        trimmed_columns(whole, version.document["schema"]),
        np.concatenate([none, *source]),
        np.concatenate([none, *rows]),
        np.concatenate([none, *mass]),
        strata,
    )


def _columns(records: pa.Table, names: Sequence[str]) -> pa.Table:
    missing = pa.nulls(records.num_rows, pa.string())
    there = records.column_names
    return pa.table(
        {
            name: records.column(name).cast(pa.string()) if name in there else missing
            for name in names
        }
    )
