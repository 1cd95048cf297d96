"""How well the accepted data stands for the city: masses per stratum against a reference.

Everything here is a count of people (the reference) or of quality mass in thousandths (the data),
so shares and distances are exact fractions; only the measures with a square root are floats.

Notation: p_s share of the mass in stratum s, q_s share of the population, n_s mass, N_s people,
rho_s = n_s / N_s the propensity of s, w_s = N_s / n_s the weight that a unit of its mass would get.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

import numpy as np


@dataclass(frozen=True)
class Reference:
    """A published population: people per stratum, for each dimension."""

    dimensions: dict[str, dict[str, int]]

    def __post_init__(self) -> None:
        for dimension, counts in self.dimensions.items():
            if any(count < 0 for count in counts.values()) or not sum(counts.values()):
                raise ValueError(f"the dimension {dimension!r} counts nobody, or fewer")


@dataclass(frozen=True)
class UnderRepresented:
    """The stratum furthest below its share. `ratio` = q_s / p_s, None when it has no mass."""

    key: str
    ratio: Fraction | None


@dataclass(frozen=True)
class Indices:
    """Measures of one dimension (formulas: reference works on survey representativeness).

    - `coverage` = Σ q_s over the strata with any mass. 1 is everybody.
    - `tvd` = ½ Σ |p_s − q_s| (total variation distance): the share of the data that would have to
      come from another stratum for the proportions to be right. None without any mass.
    - `empty`: strata with people and without mass, in the reference's order.
    - `under_represented`: max q_s / p_s; the first empty stratum of most people comes before all.
    - `cv_rho` = sqrt(Σ p_s² / q_s − 1), the population-weighted variation of the propensities; its
      square is χ²/n. Used in place of the R-indicator, which tiny propensities flatter.
    - `kish` = (Σ w·n)² / (n·Σ w²·n) = c² / Σ q_s²/p_s over the strata with mass (c the coverage):
      the effective share of the mass after weighting (Kish 1965). 1 when nothing is skewed.
    - `effective_mass` = kish · total mass, floored, in thousandths of a record.
    """

    coverage: Fraction
    tvd: Fraction | None
    empty: tuple[str, ...]
    under_represented: UnderRepresented | None
    cv_rho: float | None
    kish: Fraction | None
    effective_mass: int


def shares(counts: Mapping[str, int]) -> dict[str, Fraction]:
    """count / total per key, exactly. Raises ValueError when the total is not positive."""
    total = sum(counts.values())
    if total <= 0:
        raise ValueError("the counts add up to nothing")
    return {key: Fraction(count, total) for key, count in counts.items()}


def targets(shares: Mapping[str, Fraction], target_mass_thousandths: int) -> dict[str, Fraction]:
    """The mass each stratum should reach, in thousandths: τ_s = T·π_s."""
    return {key: share * target_mass_thousandths for key, share in shares.items()}


def stratum_masses(
    keys: Sequence[str | None], q: Sequence[int], strata: Collection[str]
) -> tuple[dict[str, int], int]:
    """Sum the quality `q` (thousandths per record) by stratum, and count the records in none.

    `keys` is the stratum of each record; every known stratum is in the result, also at 0.
    Conservation: the sum of the masses is the sum of `q` over the records that are mapped.
    """
    if len(keys) != len(q):
        raise ValueError("keys and qualities differ in length")
    places = {key: place for place, key in enumerate(strata)}
    nowhere = len(places)
    codes = np.fromiter(
        (nowhere if key is None else places.get(key, nowhere) for key in keys), np.int64, len(keys)
    )
    sums = np.zeros(nowhere + 1, np.int64)
    np.add.at(sums, codes, np.asarray(q, dtype=np.int64))
    unmapped = int((codes == nowhere).sum())
    return {key: int(sums[place]) for key, place in places.items()}, unmapped


def indices(masses: Mapping[str, int], reference: Mapping[str, int]) -> Indices:
    """The measures of one dimension. Strata of the reference without people are ignored.

    Raises ValueError for mass in a stratum that the reference does not know.
    """
    population = {key: count for key, count in reference.items() if count > 0}
    strangers = [key for key, mass in masses.items() if mass and key not in population]
    if strangers:
        raise ValueError(f"mass outside the reference: {strangers[0]!r}")
    q = shares(population)
    mass = {key: masses.get(key, 0) for key in population}
    total = sum(mass.values())
    empty = tuple(key for key in population if not mass[key])
    coverage = 1 - sum((q[key] for key in empty), Fraction(0))
    if not total:
        largest = max(population, key=lambda key: population[key])
        return Indices(coverage, None, empty, UnderRepresented(largest, None), None, None, 0)
    p = {key: Fraction(amount, total) for key, amount in mass.items()}
    tvd = sum((abs(p[key] - q[key]) for key in population), Fraction(0)) / 2
    spread = sum((p[key] ** 2 / q[key] for key in population), Fraction(0)) - 1
    skew = sum((q[key] ** 2 / p[key] for key in population if mass[key]), Fraction(0))
    kish = coverage**2 / skew
    return Indices(
        coverage=coverage,
        tvd=tvd,
        empty=empty,
        under_represented=_most_under(p, q, empty),
        cv_rho=sqrt(spread),
        kish=kish,
        effective_mass=int(kish * total),
    )


def _most_under(
    p: Mapping[str, Fraction], q: Mapping[str, Fraction], empty: tuple[str, ...]
) -> UnderRepresented | None:
    if empty:
        return UnderRepresented(max(empty, key=lambda key: q[key]), None)
    key = max(q, key=lambda each: q[each] / p[each])
    ratio = q[key] / p[key]
    return UnderRepresented(key, ratio) if ratio > 1 else None
