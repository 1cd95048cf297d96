"""How the values of a column spread: counts in classes, comparable from one push to the next.

The population stability index of shares p (before) and q (now) is Σ (q − p) · ln(q / p). By the
rule of thumb of credit scoring, below 0.1 nothing moved and above 0.25 something did.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

CLASSES = 10
#: Fewer values than this are not described: a class of one is a value.
FEWEST = 20
DIGITS = 3
#: An empty class would make the index infinite; it counts as this share.
FLOOR = 1e-4


@dataclass(frozen=True)
class Distribution:
    """`labels` are the classes: "< 12", "12 – 15", "≥ 15", or categories; `counts` belong to them.

    Of numbers, `limits` are the ascending inner limits (each belongs to the class above), one fewer
    than the counts; of categories there are none. `missing` counts cells without a value.
    """

    labels: tuple[str, ...]
    counts: tuple[int, ...]
    limits: tuple[float, ...]
    missing: int

    def document(self) -> dict[str, object]:
        return {
            "labels": list(self.labels),
            "counts": list(self.counts),
            "limits": list(self.limits),
            "missing": self.missing,
        }


def describe_numbers(values: npt.NDArray[np.float64]) -> Distribution | None:
    """About ten classes of equal count, their limits rounded to three digits; NaN is missing.

    None where there are too few values to be counted without naming one.
    """
    finite = values[np.isfinite(values)]
    if len(finite) < FEWEST:
        return None
    quantiles = np.quantile(finite, np.arange(1, CLASSES) / CLASSES)
    limits = sorted({_rounded(float(each)) for each in quantiles})
    return recount_numbers(values, limits)


def recount_numbers(values: npt.NDArray[np.float64], limits: Sequence[float]) -> Distribution:
    """The values in the classes of an earlier push."""
    finite = values[~np.isnan(values)]
    places = np.searchsorted(np.asarray(limits, np.float64), finite, side="right")
    counts = np.bincount(places, minlength=len(limits) + 1)
    return Distribution(
        class_labels(limits),
        tuple(int(each) for each in counts),
        tuple(float(each) for each in limits),
        len(values) - len(finite),
    )


def describe_categories(values: Mapping[str | None, int], named: Sequence[str]) -> Distribution:
    """Counts of the categories that the call names; every other text is "…", whatever it says.

    `values` says how many cells hold each text, None being no value.
    """
    places = {name: place for place, name in enumerate(dict.fromkeys(named))}
    counts = [0] * (len(places) + 1)
    missing = 0
    for value, cells in values.items():
        if value is None:
            missing += cells
        else:
            counts[places.get(value, len(places))] += cells
    return Distribution((*places, "…"), tuple(counts), (), missing)


def psi(before: Sequence[int], now: Sequence[int]) -> float | None:
    """Population stability index of two counts over the same classes; None where one is empty.

    Symmetric, never negative, and 0 for equal shares. Empty classes are floored at `FLOOR`.
    """
    if len(before) != len(now):
        raise ValueError("the counts are not over the same classes")
    if not sum(before) or not sum(now):
        return None
    index = 0.0
    for earlier, later in zip(before, now, strict=True):
        p = max(earlier / sum(before), FLOOR)
        q = max(later / sum(now), FLOOR)
        index += (q - p) * math.log(q / p)
    return index


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def class_labels(limits: Sequence[float]) -> tuple[str, ...]:
    """What the classes between ascending limits are called: "< 12", "12 – 15", "≥ 15"."""
    if not limits:
        return ("–",)
    shown = [f"{limit:.12g}" for limit in limits]
    inner = (f"{low} – {high}" for low, high in pairwise(shown))
    return (f"< {shown[0]}", *inner, f"≥ {shown[-1]}")
