"""The R-indicator with its partials, and when not to believe it.

Schouten, Cobben & Bethlehem 2009, "Indicators for the representativeness of survey response"
(Survey Methodology 35): R = 1 − 2·S(ρ), with S the population-weighted deviation of the
propensities ρ_s = records / people of each stratum. The unconditional partial of a stratum is
sqrt(q_s)·(ρ_s − ρ̄): negative where it is under-represented; the squares add up to S².

The trap: S is in units of ρ. Where one person in a hundred contributes, S is small whatever the
skew, and R is near 1. The variation CV(ρ) = S/ρ̄ does not depend on that and is the figure to show.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

#: Below this mean propensity R cannot fall under 0.8 unless CV(ρ) exceeds 1.
PROPENSITY_TELLING = Fraction(1, 10)
#: R above and CV above these contradict one another.
R_FLATTERING, CV_SKEWED = 0.8, 0.5


@dataclass(frozen=True)
class RIndicator:
    """`value` in [0, 1] where ρ are shares; `partials` by stratum, in units of ρ.

    `cv` = S(ρ)/ρ̄; `misleading` says that `value` must not be shown without it: where ρ is tiny,
    and where there are more records than people, so that ρ is no share.
    """

    value: float
    mean: Fraction
    cv: float
    partials: dict[str, float]
    misleading: bool


def r_indicator(records: Mapping[str, int], people: Mapping[str, int]) -> RIndicator | None:
    """The indicator of one dimension: records and people by stratum; None without any record.

    Raises ValueError where nobody lives anywhere.
    """
    known = {key: count for key, count in people.items() if count > 0}
    population = sum(known.values())
    if not population:
        raise ValueError("the counts add up to nothing")
    rho = {key: Fraction(records.get(key, 0), count) for key, count in known.items()}
    mean = Fraction(sum(records.get(key, 0) for key in known), population)
    if not mean:
        return None
    q = {key: Fraction(count, population) for key, count in known.items()}
    variance = sum((q[key] * (rho[key] - mean) ** 2 for key in known), Fraction(0))
    deviation = sqrt(variance)
    value, cv = 1 - 2 * deviation, deviation / float(mean)
    return RIndicator(
        value=value,
        mean=mean,
        cv=cv,
        partials={key: sqrt(q[key]) * float(rho[key] - mean) for key in known},
        misleading=mean < PROPENSITY_TELLING
        or max(rho.values()) > 1
        or (value > R_FLATTERING and cv > CV_SKEWED),
    )
