"""Weights that make a release agree with the reference in every dimension at once (raking).

Iterative proportional fitting (Deming & Stephan 1940) on the table of cells, never on rows: each
sweep scales the table to one margin after the other until all of them hold. It keeps the odds
ratios of the data. Where it cannot succeed honestly it refuses, and never invents a weight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

import numpy as np
import numpy.typing as npt

Table = npt.NDArray[np.float64]


class CannotRake(Exception):
    """`rule`: totals-differ, level-without-mass (with `dimension` and `level`, places in the
    margins), not-converged (with `iterations`), bound-too-tight (no such weights were found).
    """

    def __init__(self, rule: str, **params: int) -> None:
        super().__init__(rule)
        self.rule = rule
        self.params = params


@dataclass(frozen=True)
class Raked:
    """`cells`: the fitted table; `weights`: fitted over given, 0 in empty cells; `residual`: the
    largest relative error of any margin, after `iterations` sweeps over all of them. Publish
    `effective_share` (Kish, 1 is even) and `largest_weight` (over the mean weight) beside the
    weights: margins that hold hide much. `trims`: how often weights were cut to the bound.
    """

    cells: Table
    weights: Table
    iterations: int
    residual: float
    effective_share: float
    largest_weight: float
    trims: int = 0


def rake(
    cells: npt.ArrayLike,
    margins: Sequence[npt.ArrayLike],
    *,
    tolerance: float = 1e-12,
    iterations_max: int = 1000,
) -> Raked:
    """Fit `cells` (mass, one axis per dimension) to `margins` (one vector of people per axis).

    Raises CannotRake when the margins count different populations, when a level with people has no
    mass, or when the sweeps do not settle.
    """
    given = np.asarray(cells, dtype=np.float64)
    wanted = [np.asarray(margin, dtype=np.float64) for margin in margins]
    _check(given, wanted)
    fitted = given.copy()
    for iteration in range(1, iterations_max + 1):
        for axis, margin in enumerate(wanted):
            have = _margin(fitted, axis)
            factor = np.divide(margin, have, out=np.zeros_like(margin), where=have > 0)
            fitted *= _along(factor, axis, fitted.ndim)
        residual = _residual(fitted, wanted)
        if residual < tolerance:
            return _raked(given, fitted, iteration, residual)
    raise CannotRake("not-converged", iterations=iterations_max)


def rake_bounded(
    cells: npt.ArrayLike,
    margins: Sequence[npt.ArrayLike],
    *,
    largest: float,
    tolerance: float = 1e-12,
    trims_max: int = 200,
) -> Raked:
    """Rake with no weight above `largest` times the mean weight.

    Weights are cut to the bound and the table raked again until both hold (Battaglia et al. 2009,
    "Practical considerations in raking survey data"); the bound to one part in a million, the
    margins to `tolerance`. Raises CannotRake as `rake` does, and with bound-too-tight.
    """
    if largest < 1:
        raise ValueError("no largest weight is below the mean weight")
    given = np.asarray(cells, dtype=np.float64)
    start, iterations = given, 0
    for trims in range(trims_max + 1):
        raked = rake(start, margins, tolerance=tolerance)
        iterations += raked.iterations
        whole = _raked(given, raked.cells, iterations, raked.residual, trims)
        if whole.largest_weight <= largest * (1 + 1e-6):
            return whole
        bound = largest * float(raked.cells.sum()) / float(given.sum())
        start = np.minimum(raked.cells, bound * given)
    raise CannotRake("bound-too-tight", trims=trims_max)


def weigh_rows(
    codes: Sequence[npt.NDArray[np.integer]],
    margins: Sequence[npt.ArrayLike],
    *,
    mass: npt.NDArray[np.float64] | None = None,
    largest: float | None = None,
    tolerance: float = 1e-12,
) -> tuple[Table, Raked]:
    """A weight for each row, and how it went.

    `codes` hold each row's level in each dimension, as places in `margins`; `mass` is the row's
    base weight (default 1). Weights carry the base weight and add up to the population.
    """
    shape = tuple(len(np.asarray(margin)) for margin in margins)
    places = np.ravel_multi_index(tuple(codes), shape)
    cells = np.bincount(places, weights=mass, minlength=int(np.prod(shape))).reshape(shape)
    if largest is None:
        raked = rake(cells, margins, tolerance=tolerance)
    else:
        raked = rake_bounded(cells, margins, largest=largest, tolerance=tolerance)
    weights = raked.weights.ravel()[places]
    return (weights if mass is None else weights * mass), raked


def _check(given: Table, wanted: list[Table]) -> None:
    if given.ndim != len(wanted) or given.shape != tuple(len(margin) for margin in wanted):
        raise ValueError("one margin per axis, one level per place")
    if (given < 0).any() or any((margin < 0).any() for margin in wanted):
        raise ValueError("neither mass nor people can be negative")
    totals = [fsum(margin) for margin in wanted]
    if any(abs(total - totals[0]) > 1e-9 * totals[0] for total in totals):
        raise CannotRake("totals-differ")
    for axis, margin in enumerate(wanted):
        lost = np.nonzero((margin > 0) & (_margin(given, axis) == 0))[0]
        if len(lost):
            raise CannotRake("level-without-mass", dimension=axis, level=int(lost[0]))


def _margin(table: Table, axis: int) -> Table:
    others = tuple(each for each in range(table.ndim) if each != axis)
    return np.asarray(table.sum(axis=others), dtype=np.float64)


def _along(factor: Table, axis: int, dimensions: int) -> Table:
    return factor.reshape([-1 if each == axis else 1 for each in range(dimensions)])


def _residual(fitted: Table, wanted: list[Table]) -> float:
    worst = 0.0
    for axis, margin in enumerate(wanted):
        counted = margin > 0
        error = np.abs(_margin(fitted, axis)[counted] / margin[counted] - 1)
        worst = max(worst, float(error.max(initial=0.0)))
    return worst


def _raked(given: Table, fitted: Table, iterations: int, residual: float, trims: int = 0) -> Raked:
    weights = np.divide(fitted, given, out=np.zeros_like(fitted), where=given > 0)
    mass, total = float(given.sum()), float(fitted.sum())
    effective = total**2 / float((weights**2 * given).sum())
    return Raked(
        cells=fitted,
        weights=weights,
        iterations=iterations,
        residual=residual,
        effective_share=effective / mass,
        largest_weight=float(weights.max()) * mass / total,
        trims=trims,
    )
