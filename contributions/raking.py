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
    """`rule`: totals-differ, level-without-mass (with `dimension` and `level`), not-converged."""

    def __init__(self, rule: str, **params: int) -> None:
        super().__init__(rule)
        self.rule = rule
        self.params = params


@dataclass(frozen=True)
class Raked:
    """`cells`: the fitted table; `weights`: fitted over given, 0 in empty cells; `residual`: the
    largest relative error of any margin. Publish `effective_share` (Kish, 1 is even) and
    `largest_weight` (over the mean weight) beside the weights: margins that hold hide much.
    """

    cells: Table
    weights: Table
    iterations: int
    residual: float
    effective_share: float
    largest_weight: float


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


def _raked(given: Table, fitted: Table, iterations: int, residual: float) -> Raked:
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
    )
