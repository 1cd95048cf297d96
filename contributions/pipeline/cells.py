"""The cells of a contribution's accepted records, from the working table of its last stage."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from contributions.models import CellMass, CellTable, Contribution, ReferencePopulation
from contributions.representativeness.joint import SEPARATOR
from contributions.representativeness.moments import time_field, week_cells
from contributions.schema import trimmed_columns
from dure.core.clock import CITY_ZONE

STRATUM = "dure:stratum:"
WEEK = "dure:week"
#: Dimensions that cross to more cells than this are not stored together.
CELLS_MAX = 100_000
Document = Mapping[str, Any]  # Any: the call document


def joint_dimensions(
    document: Document, references: Mapping[str, ReferencePopulation]
) -> tuple[str, ...]:
    """The dimensions whose cross is kept, in the call's order; none for a single dimension, whose
    strata are the cells already, and none where they would cross to more than CELLS_MAX.
    """
    parts = document["strata"]
    sizes = [len(references[p["reference"]].dimensions[p["dimension"]]) for p in parts]
    if len(parts) < 2 or prod(sizes) > CELLS_MAX:
        return ()
    return tuple(part["dimension"] for part in parts)


def week_column(document: Document, records: pa.Table | None) -> pa.Array | None:
    """The hour of the week of each record in the city's time; None where the call has no time."""
    field = time_field(document["schema"]["fields"])
    if field is None or records is None:
        return None
    alone = {**document["schema"], "fields": [field]}
    text = trimmed_columns(records, alone).column(0).combine_chunks()
    return week_cells(text, field, CITY_ZONE).dictionary_encode()


def cell_masses(
    held: Contribution,
    outcome: pa.Table,
    q: npt.NDArray[Any],
    counted: npt.NDArray[np.bool_],
    dimensions: tuple[str, ...],
) -> list[CellMass]:
    """Unsaved masses of the cells of the counted rows; `q` in thousandths, by row of `outcome`.

    A record that lacks a stratum in one of the dimensions is in no joint cell, one without a
    moment in no hour of the week.
    """
    places = pa.array(np.nonzero(counted)[0])
    mass = pa.array(q[counted].astype(np.int64))
    keys: dict[str, pa.Array] = {}
    if dimensions:
        columns = [_texts(outcome, STRATUM + name, places) for name in dimensions]
        keys[CellTable.JOINT] = pc.binary_join_element_wise(*columns, SEPARATOR)
    if WEEK in outcome.column_names:
        keys[CellTable.WEEK] = _texts(outcome, WEEK, places)
    return [
        CellMass(
            contribution=held,
            table=table,
            key=row["key"],
            mass=row["mass_sum"],
            records=row["mass_count"],
        )
        for table, key in keys.items()
        for row in _sums(key, mass)
    ]


def _texts(outcome: pa.Table, name: str, places: pa.Array) -> pa.Array:
    column = outcome.column(name).cast(pa.string()).take(places)
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _sums(keys: pa.Array, mass: pa.Array) -> list[dict[str, Any]]:  # Any: Arrow's rows
    table = pa.table({"key": keys, "mass": mass}).filter(pc.is_valid(keys))
    rows = table.group_by("key").aggregate([("mass", "sum"), ("mass", "count")]).to_pylist()
    return sorted(rows, key=lambda row: row["key"])
