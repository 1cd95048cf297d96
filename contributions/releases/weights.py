"""The weight of each released record, raked to the reference population of the call. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from contributions.raking import CannotRake, Raked, weigh_rows
from contributions.representativeness.joint import cell_key

Weights = npt.NDArray[np.float64]
#: Above this multiple of the mean weight, weights are cut and the rest raked again.
LARGEST = 10.0
DIGITS = 9


@dataclass(frozen=True)
class Weighed:
    """`weights` average 1 over the weighted records and are NaN elsewhere; `document` says how."""

    weights: Weights
    document: dict[str, Any]  # Any: JSON that is published with the release


def weigh(
    strata: Mapping[str, Sequence[str | None]],
    mass: npt.NDArray[np.int64],
    people: Mapping[str, Mapping[str, int]],
    together: Mapping[str, int] | None = None,
) -> Weighed:
    """Rake records (mass in thousandths) to the people of each dimension.

    A record in no stratum of some dimension has no weight. In a single dimension, strata without a
    record are left out of the population that the weights stand for, and named; in several, where
    that population is not known, no weights are given at all, and the stratum is named.

    `together` are the people by `cell_key` of all dimensions, where they are counted so: margins
    that hold hide wrong combinations, so the distance of those is told before and after weighting.
    """
    count = len(mass)
    none: Weights = np.full(count, np.nan)
    if not people or not count:
        return Weighed(none, {"method": None, "reason": "no-strata"})
    levels = {
        name: [key for key, number in counts.items() if number > 0]
        for name, counts in people.items()
    }
    placed = np.asarray(mass > 0)
    codes = {}
    for name, keys in levels.items():
        places: dict[str | None, int] = {key: place for place, key in enumerate(keys)}
        codes[name] = np.fromiter((places.get(key, -1) for key in strata[name]), np.int64, count)
        placed &= codes[name] >= 0
    if not placed.any():
        return Weighed(none, {"method": None, "reason": "no-record-in-a-stratum"})
    margins = {
        name: np.array([people[name][key] for key in keys], float) for name, keys in levels.items()
    }
    uncovered = _leave_out(levels, codes, margins, placed)
    try:
        base = mass[placed] / 1000
        found, raked = _rake([each[placed] for each in codes.values()], margins, base)
    except CannotRake as refusal:
        return Weighed(none, _refused(refusal, levels))
    weights = none.copy()
    # Published as they are written, so the figures below are those of the published numbers.
    weights[placed] = np.round(found * (len(found) / found.sum()), DIGITS)
    document = _document(weights[placed], raked, uncovered, int((~placed).sum()))
    if together is not None and len(levels) > 1:
        columns = [[keys[at] for at in np.nonzero(placed)[0].tolist()] for keys in strata.values()]
        document["joint"] = _joint(columns, mass[placed], weights[placed], together)
    return Weighed(weights, document)


def _joint(
    columns: Sequence[Sequence[str | None]],
    mass: npt.NDArray[np.int64],
    weights: Weights,
    people: Mapping[str, int],
) -> dict[str, Any]:  # Any: JSON
    """Total variation distance over the combinations, of the records and of their weights."""
    living = {key: count for key, count in people.items() if count > 0}
    places = {key: place for place, key in enumerate(living)}
    keys = [cell_key(tuple(str(key) for key in row)) for row in zip(*columns, strict=True)]
    codes = np.fromiter((places.get(key, len(places)) for key in keys), np.int64, len(keys))
    wanted = np.append(np.array(list(living.values()), float) / sum(living.values()), 0.0)

    def distance(values: Weights) -> str:
        sums = np.bincount(codes, weights=values, minlength=len(wanted))
        return f"{float(np.abs(sums / sums.sum() - wanted).sum()) / 2:.6f}"

    seen = np.bincount(codes, minlength=len(wanted))[:-1] > 0
    return {
        "cells": len(living),
        "empty": int((~seen).sum()),
        "tvd": distance(mass.astype(float)),
        "tvd_weighted": distance(weights),
    }


def _leave_out(
    levels: dict[str, list[str]],
    codes: dict[str, npt.NDArray[np.int64]],
    margins: dict[str, Weights],
    placed: npt.NDArray[np.bool_],
) -> dict[str, Any]:  # Any: JSON
    """Take strata without a record out of a single margin; what was left out."""
    if len(levels) != 1:
        return {"share": "0", "strata": []}
    ((name, keys),) = levels.items()
    seen = np.bincount(codes[name][placed], minlength=len(keys)) > 0
    share = float(margins[name][~seen].sum() / margins[name].sum())
    lost = [{"dimension": name, "key": keys[place]} for place in np.nonzero(~seen)[0]]
    margins[name] = np.where(seen, margins[name], 0.0)
    return {"share": f"{share:.6f}", "strata": lost}


def _rake(
    codes: Sequence[npt.NDArray[np.int64]], margins: Mapping[str, Weights], base: Weights
) -> tuple[Weights, Raked]:
    wanted = list(margins.values())
    try:
        return weigh_rows(codes, wanted, mass=base, largest=LARGEST)
    except CannotRake as refusal:
        if refusal.rule != "bound-too-tight":
            raise
    # Weights that are true to the population and large are better than bounded ones that are not.
    return weigh_rows(codes, wanted, mass=base)


def _refused(refusal: CannotRake, levels: Mapping[str, list[str]]) -> dict[str, Any]:
    document: dict[str, Any] = {"method": None, "reason": refusal.rule}
    if refusal.rule == "level-without-mass":
        name = list(levels)[refusal.params["dimension"]]
        document["stratum"] = {"dimension": name, "key": levels[name][refusal.params["level"]]}
    return document


def _document(
    weights: Weights, raked: Raked, uncovered: dict[str, Any], unweighted: int
) -> dict[str, Any]:
    # Kish 1965, as representativeness.effective has it exactly; a million records want numpy.
    total, squares = float(weights.sum()), float((weights**2).sum())
    size = total**2 / squares
    return {
        "method": "raking",
        "iterations": raked.iterations,
        "residual": f"{raked.residual:.3e}",
        "trims": raked.trims,
        "bound": str(LARGEST) if raked.largest_weight <= LARGEST * 1.000001 else None,
        "weighted_records": len(weights),
        "unweighted_records": unweighted,
        "effective_records": f"{size:.3f}",
        "design_effect": f"{len(weights) / size:.6f}",
        "largest_weight": f"{float(weights.max()) * len(weights) / total:.6f}",
        "uncovered": uncovered,
    }
