"""Bar charts as SVG geometry, drawn by the server; a table with the same figures stands below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

BAR_STEP, BAR_HEIGHT, FULL_WIDTH = 34, 18, 420
BARS_MAX = 30


@dataclass(frozen=True)
class Bar:
    label: str
    value: str
    y: int
    text_y: int
    width: int


@dataclass(frozen=True)
class BarChart:
    label: str
    height: int
    bars: tuple[Bar, ...]


def bar_chart(label: str, rows: Sequence[tuple[str, Decimal, str]]) -> BarChart | None:
    """Horizontal bars of (name, value, text); None where there is nothing to compare."""
    if not 2 <= len(rows) <= BARS_MAX or any(value < 0 for _name, value, _text in rows):
        return None
    longest = max(value for _name, value, _text in rows)
    if not longest:
        return None
    bars = tuple(
        Bar(
            label=name,
            value=text,
            y=place * BAR_STEP + 6,
            text_y=place * BAR_STEP + 20,
            width=max(2, int(value * FULL_WIDTH / longest)),
        )
        for place, (name, value, text) in enumerate(rows)
    )
    return BarChart(label, len(rows) * BAR_STEP + 4, bars)
