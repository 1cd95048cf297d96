"""Where data is missing: how unevenly districts are covered, and whether the gaps lie together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Moran:
    """`value` of I, `expected` = −1/(n−1) where districts are independent, over `places`.

    Above the expectation, thin districts lie beside thin ones (a whole side of the city is
    missing); below, thin and full ones alternate.
    """

    value: Fraction
    expected: Fraction
    places: int


def morans_i(
    values: Mapping[str, Fraction | int], neighbours: Mapping[str, Sequence[str]]
) -> Moran | None:
    """Moran 1950: I = n/W · Σ w_ij·z_i·z_j / Σ z_i², with w_ij = 1 between neighbours.

    `values` per district, for example records per person; `neighbours` symmetric. Districts
    without a neighbour among `values` count in n and z. None where all values are equal or
    nobody has a neighbour.
    """
    places = len(values)
    if places < 2:
        return None
    mean = Fraction(sum((Fraction(v) for v in values.values()), Fraction(0)), places)
    z = {key: Fraction(value) - mean for key, value in values.items()}
    spread = sum((each**2 for each in z.values()), Fraction(0))
    pairs = [(key, other) for key in z for other in neighbours.get(key, ()) if other in z]
    if not spread or not pairs:
        return None
    together = sum((z[key] * z[other] for key, other in pairs), Fraction(0))
    return Moran(Fraction(places, len(pairs)) * together / spread, Fraction(-1, places - 1), places)


def gini(records: Mapping[str, int], people: Mapping[str, int]) -> Fraction | None:
    """Gini coefficient of records per person over the districts, weighted by people.

    0 where everybody contributes alike, towards 1 where one small district gives everything:
    twice the area between the Lorenz curve and the diagonal, exactly. None without any record.
    """
    known = [(key, count) for key, count in people.items() if count > 0]
    population = sum(count for _, count in known)
    total = sum(records.get(key, 0) for key, _ in known)
    if not total:
        return None
    known.sort(key=lambda each: Fraction(records.get(each[0], 0), each[1]))
    area, height = Fraction(0), Fraction(0)
    for key, count in known:
        above = height + Fraction(records.get(key, 0), total)
        area += Fraction(count, population) * (height + above)
        height = above
    return 1 - area
