"""Distances between the shares of the data (p) and of the population (q), beside the variation.

Both take shares that add up to 1, as `margins.shares` gives them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import fsum, log, sqrt

#: What an empty share is raised to before its logarithm is taken.
FLOOR = Fraction(1, 10_000)


@dataclass(frozen=True)
class FlooredPsi:
    """`floored`: the strata whose share of the data, or of the people, was raised to the floor.

    Where it is not empty the value depends on the floor, and has to be shown with it.
    """

    value: float
    floored: tuple[str, ...]
    floor: Fraction = FLOOR


def hellinger(p: Mapping[str, Fraction], q: Mapping[str, Fraction]) -> float:
    """sqrt(1 − Σ sqrt(p·q)), from 0 (equal) to 1 (nothing shared); safe with empty strata.

    Hellinger 1909. Rounding below zero is cut off.
    """
    return sqrt(max(0.0, 1.0 - fsum(sqrt(p.get(key, 0) * q[key]) for key in q)))


def psi(
    p: Mapping[str, Fraction], q: Mapping[str, Fraction], floor: Fraction = FLOOR
) -> FlooredPsi:
    """Population stability index Σ (p − q)·ln(p/q): the symmetrised divergence of Jeffreys 1946.

    It is infinite with one empty stratum, so shares below `floor` are raised to it, and named.
    Usual reading: below 0.1 stable, above 0.25 shifted.
    """
    if floor <= 0:
        raise ValueError("the floor is a positive share")
    floored = tuple(key for key in q if p.get(key, Fraction(0)) < floor or q[key] < floor)
    raised = {key: (max(p.get(key, Fraction(0)), floor), max(q[key], floor)) for key in q}
    value = fsum(float(a - b) * log(a / b) for a, b in raised.values())
    return FlooredPsi(value, floored, floor)
