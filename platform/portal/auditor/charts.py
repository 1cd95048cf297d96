"""Bars beside the figures they stand for; a table with the same figures stands below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

BARS_MAX = 30


@dataclass(frozen=True)
class Bar:
    """One bar: ``value`` is drawn as a part of ``whole``, ``text`` says it."""

    label: str
    text: str
    value: Decimal
    whole: Decimal


@dataclass(frozen=True)
class BarChart:
    label: str
    bars: tuple[Bar, ...]


def bar_chart(
    label: str, rows: Sequence[tuple[str, Decimal, str]], whole: Decimal | None = None
) -> BarChart | None:
    """Bars of (name, value, text) against ``whole`` or the longest of them.

    None where there is nothing to compare.
    """
    if not 2 <= len(rows) <= BARS_MAX or any(value < 0 for _name, value, _text in rows):
        return None
    full = whole or max(value for _name, value, _text in rows)
    if not full:
        return None
    return BarChart(label, tuple(Bar(name, text, value, full) for name, value, text in rows))
