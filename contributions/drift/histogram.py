"""Numbers drawn as people read them: classes of one width, whose limits are round numbers.

The classes by which pushes are compared hold equal counts, so that drawing them shows nothing;
these are for the eye alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from contributions.drift.distribution import FEWEST, class_labels

#: At most so many classes between the outermost limits.
CLASSES_MAX = 12
#: Shares of the values below and above which one open class holds what is far out.
TAIL = 0.01


@dataclass(frozen=True)
class Histogram:
    """`limits`: ascending and evenly spaced; the first and the last of `counts` lie outside them.

    A value at a limit belongs to the class above it.
    """

    limits: tuple[float, ...]
    counts: tuple[int, ...]

    def document(self) -> dict[str, object]:
        return {
            "labels": list(class_labels(self.limits)),
            "counts": list(self.counts),
        }


def histogram_of(values: npt.NDArray[np.float64]) -> Histogram | None:
    """Classes of equal width over all but the outermost hundredths of the finite values.

    None where there are too few values to be counted without naming one, or only one value.
    """
    finite = values[np.isfinite(values)]
    if len(finite) < FEWEST:
        return None
    low, high = (float(each) for each in np.quantile(finite, (TAIL, 1 - TAIL)))
    width = _round_width(high - low)
    if width is None:
        return None
    first, last = math.floor(low / width), math.floor(high / width) + 1
    limits = [_plain(step * width) for step in range(first, last + 1)]
    if len(set(limits)) != len(limits):
        return None
    places = np.searchsorted(np.asarray(limits), finite, side="right")
    counts = np.bincount(places, minlength=len(limits) + 1)
    return Histogram(tuple(limits), tuple(int(each) for each in counts))


def _round_width(span: float) -> float | None:
    """The smallest of 1, 2 and 5 times a power of ten that cuts the span into few classes."""
    least = span / CLASSES_MAX
    if not 0 < least < math.inf:
        return None
    power = 10.0 ** math.floor(math.log10(least))
    if power == 0.0:
        return None
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least)


def _plain(limit: float) -> float:
    """Without what binary fractions add to a decimal one: 0.30000000000000004 is 0.3."""
    return float(f"{limit:.12g}")
