"""Several dimensions at once: margins can hold while whole groups of people are missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from contributions.representativeness.margins import indices

#: Separates the keys of a cell; a unit separator is in no key that people type.
SEPARATOR = "\x1f"


@dataclass(frozen=True)
class JointCoverage:
    """Of the cells with people: how many, how many without mass, and the measures over them."""

    cells: int
    empty: int
    coverage: Fraction
    tvd: Fraction | None
    kish: Fraction | None
    cv_rho: float | None


def cell_key(keys: tuple[str, ...]) -> str:
    """One key for the strata of a record in every dimension, in the order of the dimensions."""
    return SEPARATOR.join(keys)


def joint_coverage(masses: Mapping[str, int], population: Mapping[str, int]) -> JointCoverage:
    """Measures over the joint cells; both are keyed by `cell_key`, masses in thousandths.

    Mass in a cell where nobody lives has no share to be compared with and is left out.
    """
    peopled = {key: count for key, count in population.items() if count > 0}
    found = indices({key: masses.get(key, 0) for key in peopled}, peopled)
    return JointCoverage(
        len(peopled), len(found.empty), found.coverage, found.tvd, found.kish, found.cv_rho
    )
