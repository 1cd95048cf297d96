"""Stage 5: the accepted mass goes to the strata of the reference population, and that is that."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa

from contributions.intake.consent import missing_for
from contributions.models import CellMass, Contribution, Stage, State, StratumMass
from contributions.pipeline.cells import (
    STRATUM,
    WEEK,
    cell_masses,
    joint_dimensions,
    week_column,
)
from contributions.pipeline.endings import Ending
from contributions.pipeline.quality import ACCEPTED, MASS, VERDICT
from contributions.pipeline.under_way import part_done
from contributions.pipeline.work import Settle, Settled, StageWork, from_parquet
from contributions.representativeness import stratum_masses
from contributions.selectors.calls import references_of
from dure.accounts.selectors import contributor_attributes
from dure.core.clock import now

CONTRIBUTOR = "contributor."


def work(contribution: Contribution) -> Settle:
    """Sum the mass per stratum, per joint cell and per hour of the week, and accept."""
    outcome = from_parquet(contribution.outcome)
    accepted = outcome.column(VERDICT).to_numpy() == ACCEPTED
    q = outcome.column(MASS).to_numpy()[accepted].astype(np.int64)
    places = np.nonzero(accepted)[0]
    document = contribution.call_version.document
    references = references_of(contribution.call_version)
    records = from_parquet(contribution.records)
    personal = any(part["column"].startswith(CONTRIBUTOR) for part in document["strata"])
    attributes = contributor_attributes(contribution.party_id) if personal else {}
    masses: list[StratumMass] = []
    unmapped: dict[str, int] = {}
    for done, part in enumerate(document["strata"]):
        # One more part than dimensions: the cells of all of them together.
        part_done(done, len(document["strata"]) + 1)
        strata = references[part["reference"]].dimensions[part["dimension"]]
        keys = stratum_keys(part, records, attributes, outcome.num_rows, strata)
        found, outside = stratum_masses([keys[place] for place in places], q.tolist(), strata)
        masses += [
            StratumMass(contribution=contribution, dimension=part["dimension"], key=key, mass=mass)
            for key, mass in found.items()
            if mass
        ]
        unmapped[part["dimension"]] = outside
        outcome = outcome.append_column(
            STRATUM + part["dimension"], pa.array(keys, pa.string()).dictionary_encode()
        )

    week = week_column(document, records)
    if week is not None:
        outcome = outcome.append_column(WEEK, week)
    every = outcome.column(MASS).to_numpy()
    together = joint_dimensions(document, references)
    cells = cell_masses(contribution, outcome, every, accepted, together)

    def settle(held: Contribution) -> Settled:
        return _accept(held, outcome, masses, cells, unmapped, int(q.sum()))

    return settle


def stratum_keys(
    part: Mapping[str, Any],  # Any: one of the call's strata
    records: pa.Table,
    attributes: Mapping[str, str],
    rows: int,
    strata: Mapping[str, int],
) -> list[str | None]:
    """The stratum of every record in one dimension; None where it has none."""
    mapping: Mapping[str, str] = part.get("map") or {}

    def stratum(value: str | None) -> str | None:
        key = mapping.get(value, value) if value is not None else None
        return key if key in strata else None

    column = part["column"]
    if column.startswith(CONTRIBUTOR):
        return [stratum(attributes.get(column.removeprefix(CONTRIBUTOR)))] * rows
    encoded = records.column(column).combine_chunks().dictionary_encode()
    translated = [stratum(v.strip()) for v in encoded.dictionary.to_pylist()]
    return [None if i is None else translated[i] for i in encoded.indices.to_pylist()]


def quality_score(mass: int, records: int) -> str:
    """Mean quality of the records that are not duplicates: Σq / (1000 · records), three places.

    `mass` in thousandths; `records` counts accepted and set-aside ones, so that a file is not
    called good for having had its bad rows removed. "0" where every record was a duplicate.
    """
    if not records:
        return "0"
    thousandths = round(Fraction(mass, records))
    return f"{thousandths // 1000}.{thousandths % 1000:03d}"


def why_empty(held: Contribution) -> str:
    """The reason's rule where no record counts."""
    return "all-duplicates" if held.duplicate else "nothing-left"


def _accept(
    held: Contribution,
    outcome: pa.Table,
    masses: list[StratumMass],
    cells: list[CellMass],
    unmapped: dict[str, int],
    mass: int,
) -> Settled:
    # Asked again on the locked row: a consent withdrawn while we counted still counts.
    missing = missing_for(held)
    if missing:
        raise Ending(State.WITHDRAWN, "consent-withdrawn", purpose=missing[0])
    moment = now()
    accepted = int((outcome.column(VERDICT).to_numpy() == ACCEPTED).sum())
    changes: dict[str, Any] = {  # Any: columns of the contribution
        "state": State.ACCEPTED,
        "accepted": accepted,
        "mass": mass,
        "unmapped": unmapped,
        "quality_score": quality_score(mass, held.received - held.duplicate),
        "accepted_at": moment,
        "reason_rule": "" if accepted else why_empty(held),
    }
    # The records without personal data are kept; what was sent is not needed any more.
    return Settled(
        changes=changes,
        outcome=outcome,
        counts={"accepted": accepted, "mass": mass},
        masses=masses,
        cells=cells,
        told="accepted",
        sent_is_over=True,
    )


STEP = StageWork(
    stage=Stage.REPRESENTATIVENESS,
    code_version="2",
    reads=lambda contribution: contribution.outcome,
    work=work,
)
