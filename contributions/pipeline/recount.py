"""Counts and masses of a contribution, corrected when a record of it changes hands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from django.db import connection

from contributions.blobs import purge_after_commit
from contributions.models import CellMass, Contribution, State, StratumMass
from contributions.news import tell
from contributions.pipeline.cells import STRATUM, cell_masses, joint_dimensions
from contributions.pipeline.tables import OWN_MASS, ROW, from_parquet, to_parquet
from contributions.selectors.calls import references_of
from dure.accounts.acting import Actor
from dure.core.blobs import store_bytes
from dure.core.clock import now

WORKER = Actor.system("worker")


def recount(held: Contribution, *, lost: Iterable[int] = (), gained: Iterable[int] = ()) -> None:
    """Rows of a locked contribution become another's (`lost`) or its own again (`gained`).

    Its table, counts, masses, the log and the event are written in the caller's transaction. Where
    it is still being checked, a worker that read the old table no longer settles anything.
    """
    from contributions.pipeline.quality import ACCEPTED, DUPLICATE, MASS, VERDICT

    outcome = from_parquet(held.outcome)
    numbers = outcome.column(ROW).to_numpy()
    verdict = outcome.column(VERDICT).to_numpy().copy()
    q = outcome.column(MASS).to_numpy().copy()
    gone = np.isin(numbers, np.fromiter(lost, np.int64)) & (verdict == ACCEPTED)
    back = np.isin(numbers, np.fromiter(gained, np.int64)) & (verdict == DUPLICATE)
    verdict[gone], q[gone] = DUPLICATE, 0
    verdict[back], q[back] = ACCEPTED, outcome.column(OWN_MASS).to_numpy()[back]
    change = int(back.sum()) - int(gone.sum())
    outcome = outcome.set_column(
        outcome.column_names.index(VERDICT), VERDICT, pa.array(verdict, pa.int8())
    ).set_column(outcome.column_names.index(MASS), MASS, pa.array(q, pa.int16()))
    earlier = held.outcome
    held.outcome = store_bytes(to_parquet(outcome), owner=held.party_id)
    if earlier is not None:
        purge_after_commit(earlier)
    held.duplicate -= change
    held.updated_at = now()
    # Triggers keep the counts and cells of what was accepted, except where this is said.
    _say(str(held.id))
    if held.state == State.ACCEPTED:
        held.accepted += change
        counted = verdict == ACCEPTED
        _weigh(held, outcome, q, counted)
        _count_cells(held, outcome, q, counted)
    else:
        held.claim = held.lease_until = None
        held.attempts = 0
    held.save()
    _say("")
    tell(held, acting=WORKER, event="recounted")


def _say(recounting: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('dure.recounting', %s, true)", [recounting])


def _weigh(
    held: Contribution, outcome: pa.Table, q: npt.NDArray[Any], counted: npt.NDArray[np.bool_]
) -> None:
    """Mass, quality and strata of an accepted contribution from its corrected table."""
    from contributions.pipeline.representativeness import quality_score, why_empty

    held.mass = int(q[counted].astype(np.int64).sum())
    held.quality_score = quality_score(held.mass, held.received - held.duplicate)
    held.reason_rule = "" if held.accepted else why_empty(held)
    masses: list[StratumMass] = []
    places = pa.array(np.nonzero(counted)[0])
    for name in outcome.column_names:
        if not name.startswith(STRATUM):
            continue
        dimension = name.removeprefix(STRATUM)
        keys = outcome.column(name).cast(pa.string()).take(places)
        held.unmapped = {**held.unmapped, dimension: keys.null_count}
        sums = pa.table({"key": keys, "mass": pa.array(q[counted], pa.int64())}).group_by("key")
        for row in sums.aggregate([("mass", "sum")]).to_pylist():
            if row["key"] is not None and row["mass_sum"]:
                masses.append(
                    StratumMass(
                        contribution=held,
                        dimension=dimension,
                        key=row["key"],
                        mass=row["mass_sum"],
                    )
                )
    StratumMass.objects.filter(contribution=held).delete()
    StratumMass.objects.bulk_create(masses)


def _count_cells(
    held: Contribution, outcome: pa.Table, q: npt.NDArray[Any], counted: npt.NDArray[np.bool_]
) -> None:
    """Joint cells and hours of an accepted contribution from its corrected table."""
    version = held.call_version
    dimensions = joint_dimensions(version.document, references_of(version))
    if any(STRATUM + name not in outcome.column_names for name in dimensions):
        dimensions = ()
    CellMass.objects.filter(contribution=held).delete()
    CellMass.objects.bulk_create(
        cell_masses(held, outcome, q, counted, dimensions), batch_size=5_000
    )
