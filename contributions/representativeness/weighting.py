"""What weights cost: the effective number of records and the design effect (Kish 1965)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Effective:
    """`size` = (Σw)² / Σw²; `design_effect` = n / size, at least 1; `largest` = max w / mean w."""

    records: int
    size: Fraction
    design_effect: Fraction
    largest: Fraction


def effective(weights: Iterable[int | Fraction | float]) -> Effective:
    """Kish's figures of the weights of n records, exactly (a float counts as the number it is).

    Raises ValueError for a negative weight and where all of them are zero.
    """
    exact = [Fraction(weight) for weight in weights]
    total = sum(exact, Fraction(0))
    if total <= 0 or any(weight < 0 for weight in exact):
        raise ValueError("weights are positive somewhere and negative nowhere")
    size = total**2 / sum((weight**2 for weight in exact), Fraction(0))
    count = len(exact)
    return Effective(count, size, count / size, max(exact) * count / total)
