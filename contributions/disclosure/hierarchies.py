"""Making values coarser, step by step, as a call declares it for a column.

A declared level is one of ``{"map": {value: coarser}}`` (a value it does not name is suppressed),
``{"width": 10}`` for numbers (``30-39``), and ``"*"``. Every level starts from the original value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

SUPPRESSED = "*"
LEVELS_MAX = 8


@dataclass(frozen=True)
class Level:
    """One step of coarsening; neither a mapping nor a width suppresses every value."""

    mapping: Mapping[str, str] = field(default_factory=dict)
    width: int = 0

    def of(self, value: str | None) -> str | None:
        """The coarser value; a missing value stays missing."""
        if value is None:
            return None
        if self.width:
            return _band(value, self.width)
        return self.mapping.get(value, SUPPRESSED)


def _band(value: str, width: int) -> str:
    try:
        start = int(Fraction(value.strip()) // width) * width
    except (ValueError, ZeroDivisionError):
        return SUPPRESSED
    return f"{start}-{start + width - 1}"


def read_levels(declared: object) -> tuple[Level, ...]:
    """The levels of one column, finest first; ValueError for what is not of the shape above."""
    if not isinstance(declared, list) or not 0 < len(declared) <= LEVELS_MAX:
        raise ValueError("levels are a short list")
    return tuple(_read(level) for level in declared)


def _read(level: object) -> Level:
    if level == SUPPRESSED:
        return Level()
    if isinstance(level, Mapping) and set(level) == {"width"}:
        width = level["width"]
        if isinstance(width, int) and not isinstance(width, bool) and 0 < width <= 10**9:
            return Level(width=width)
    if isinstance(level, Mapping) and set(level) == {"map"}:
        mapping = level["map"]
        if isinstance(mapping, Mapping) and all(isinstance(v, str) for v in mapping.values()):
            return Level(mapping=dict(mapping))
    raise ValueError("a level is a map, a width or *")


def generalise(
    values: Sequence[str | None], levels: Sequence[Level], depth: int
) -> list[str | None]:
    """The column at a depth: 0 is as it was, 1 the first declared level."""
    if depth == 0:
        return list(values)
    level = levels[depth - 1]
    known: dict[str | None, str | None] = {}
    return [known[v] if v in known else known.setdefault(v, level.of(v)) for v in values]
