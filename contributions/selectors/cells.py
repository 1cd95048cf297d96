"""Joint cells and hours of the week of a call, as its representativeness document shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

from django.db.models import Count, Sum

from contributions.models import CallVersion, CellMass, CellTable, ReferencePopulation, State
from contributions.pipeline.cells import joint_dimensions
from contributions.representativeness import hour_cell, joint_coverage, week_coverage
from contributions.representativeness.joint import SEPARATOR, cell_key
from contributions.representativeness.moments import time_field
from contributions.representativeness.small_cells import K, hidden_cells
from contributions.representativeness.time import DAYS, HOURS
from contributions.selectors.calls import references_of, share_text
from contributions.strata_labels import label
from dure.core.clock import CITY_ZONE

Document = dict[str, Any]  # Any: JSON
#: Tables of more cells than this are measured, but not listed cell by cell.
LISTED_MAX = 2_000
RECORD = "record"


@dataclass(frozen=True)
class Cell:
    """`mass` in thousandths; `units`: contributors behind it, or its records."""

    mass: int
    units: int


def cells_of(version: CallVersion, table: CellTable) -> dict[str, Cell]:
    """Usable mass now by cell of a table of the call: one query.

    Units are contributors; the records themselves where the call declares that its data is not
    about those who send it (`disclosure.unit` is `record`).
    """
    by_record = (version.document.get("disclosure") or {}).get("unit") == RECORD
    rows = (
        CellMass.objects.filter(
            table=table,
            contribution__call_id=version.call_id,
            contribution__state=State.ACCEPTED,
            contribution__excluded_at=None,
        )
        .order_by()
        .values_list("key")
        .annotate(Sum("mass"), Sum("records"), people=Count("contribution__party", distinct=True))
    )
    return {
        key: Cell(int(mass), int(records) if by_record else people)
        for key, mass, records, people in rows
    }


def joint_document(version: CallVersion) -> Document | None:
    """All dimensions at once beside the margins; None for a call of one dimension."""
    references = references_of(version)
    names = joint_dimensions(version.document, references)
    if not names:
        return None
    reference = joint_reference(version, references)
    population = joint_population(reference, names) if reference else None
    strata = [
        list(references[part["reference"]].dimensions[part["dimension"]])
        for part in version.document["strata"]
    ]
    possible = [cell_key(keys) for keys in product(*strata)]
    if population is not None:
        possible = [key for key in possible if population.get(key)]
    known = cells_of(version, CellTable.JOINT)
    found = {key: known[key] for key in possible if key in known}
    masses = {key: cell.mass for key, cell in found.items()}
    document: Document = {
        "dimensions": list(names),
        "reference": reference.key if reference else None,
        "mass": sum(masses.values()),
        "cells": len(possible),
        "empty": len(possible) - len(found),
        **_joint_measures(masses, population),
        "k": K,
        "hidden": 0,
        "listed": [],
    }
    if len(possible) > LISTED_MAX:
        return document
    units = {
        tuple(key.split(SEPARATOR)): found[key].units if key in found else 0 for key in possible
    }
    hidden = hidden_cells(units)
    own = [references[part["reference"]].labels for part in version.document["strata"]]
    whole = sum((population or {}).values())
    document["hidden"] = len(hidden)
    document["listed"] = [
        {
            "keys": list(cell),
            "labels": [
                dict(label(name, key, labels))
                for name, key, labels in zip(names, cell, own, strict=True)
            ],
            "population": (
                share_text(Fraction(population[cell_key(cell)], whole)) if population else None
            ),
            "mass": masses.get(cell_key(cell), 0),
        }
        for cell in units
        if cell not in hidden
    ]
    return document


def joint_reference(
    version: CallVersion, references: Mapping[str, ReferencePopulation]
) -> ReferencePopulation | None:
    """The reference that counts all dimensions of the call together, where there is one."""
    keys = {part["reference"] for part in version.document["strata"]}
    if len(keys) != 1:
        return None
    reference = references[keys.pop()]
    if not reference.cells:
        return None
    names = {part["dimension"] for part in version.document["strata"]}
    return reference if names <= set(reference.cells[0]) else None


def joint_population(reference: ReferencePopulation, names: tuple[str, ...]) -> dict[str, int]:
    """People by joint cell of these dimensions; other dimensions of the reference are summed."""
    people: dict[str, int] = {}
    for cell in reference.cells or []:
        key = cell_key(tuple(cell[name] for name in names))
        people[key] = people.get(key, 0) + int(cell["count"])
    return people


def _joint_measures(masses: Mapping[str, int], population: Mapping[str, int] | None) -> Document:
    names = ("coverage", "tvd", "kish", "effective_mass", "design_effect", "cv_rho")
    if population is None:
        return dict.fromkeys(names)
    found = joint_coverage(masses, population)
    return {
        "coverage": share_text(found.coverage),
        "tvd": None if found.tvd is None else share_text(found.tvd),
        "kish": None if found.kish is None else share_text(found.kish),
        "effective_mass": int((found.kish or 0) * sum(masses.values())),
        "design_effect": share_text(1 / found.kish) if found.kish else None,
        "cv_rho": None if found.cv_rho is None else f"{found.cv_rho:.6f}",
    }


def week_document(version: CallVersion) -> Document | None:
    """Coverage of the hours of a week, or of its days; None where the data has no time.

    A cell that is hidden for the sake of few contributors has no mass in it (null).
    """
    field = time_field(version.document["schema"]["fields"])
    if field is None:
        return None
    hourly = field.get("type") == "datetime"
    found = cells_of(version, CellTable.WEEK)
    places = [(day, hour) for day in range(DAYS) for hour in (range(HOURS) if hourly else (None,))]
    units: dict[tuple[str, ...], int] = {
        (key,): found[key].units if key in found else 0
        for key in (hour_cell(day, hour) for day, hour in places)
    }
    hidden = hidden_cells(units)
    masses = {key: found[key].mass for (key,) in units if key in found}
    measured = week_coverage(masses)
    return {
        "column": field["name"],
        "zone": str(CITY_ZONE),
        "hourly": hourly,
        "mass": sum(masses.values()),
        "cells": len(places),
        "covered": share_text(measured.covered) if measured else share_text(Fraction(0)),
        "tvd": share_text(measured.tvd) if measured else None,
        "k": K,
        "hidden": len(hidden),
        "week": [
            {
                "weekday": day,
                "hour": hour,
                "mass": (
                    None
                    if (hour_cell(day, hour),) in hidden
                    else masses.get(hour_cell(day, hour), 0)
                ),
            }
            for day, hour in places
        ],
    }
