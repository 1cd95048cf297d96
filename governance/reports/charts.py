"""Bars of the column that a table is about; the table beside them holds the same numbers. Pure.

Columns over quarters show each figure by itself, since no two have the same unit.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from governance.reports import wording
from governance.reports.documents import SHARE, Column, Table

BARS_MOST: Final = 30
_NUMBER = re.compile(r"\d+(\.\d+)?", re.ASCII)


@dataclass(frozen=True)
class Bar:
    """One bar: ``part`` of the longest possible one, from 0 to 1, and its number as text."""

    label: str
    text: str
    value: str
    part: Decimal


@dataclass(frozen=True)
class Chart:
    """Bars of one unit; ``sentence`` says them to whoever does not see them."""

    title: str
    bars: tuple[Bar, ...]

    @property
    def sentence(self) -> str:
        return f"{self.title}: " + "; ".join(f"{bar.label} {bar.text}" for bar in self.bars)


def bars(table: Table, language: str) -> list[Chart]:
    """The charts of a table, one for each asset; none where there is nothing to compare."""
    subject = next(
        (column for column in table["columns"] if column["key"] == table.get("chart")), None
    )
    if subject is None:
        return []
    title = f"{table['title'][language]}: {subject['label'][language]}"
    rows: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for row in table["rows"]:
        value = row.get(subject["key"])
        if _is_number(value):
            text = wording.cell_text(table, subject, row, language)
            rows[str(row.get("asset") or "")].append(
                (_name(table, row, language), text, str(value))
            )
    return [
        Chart(
            title, tuple(Bar(name, text, value, _part(value, whole)) for name, text, value in own)
        )
        for _asset, own in sorted(rows.items())
        if 2 <= len(own) <= BARS_MOST and (whole := _whole(subject, [value for *_, value in own]))
    ]


@dataclass(frozen=True)
class Point:
    """One quarter of a trend: ``part`` of the tallest column, None where it is withheld.

    ``label`` is short enough to stand below a column, ``name`` is the whole of it.
    """

    label: str
    name: str
    text: str
    part: Decimal | None


@dataclass(frozen=True)
class Trend:
    """A figure over quarters, the newest last; ``sentence`` says it to whoever does not see it."""

    title: str
    points: tuple[Point, ...]

    @property
    def sentence(self) -> str:
        return f"{self.title}: " + "; ".join(f"{each.name} {each.text}" for each in self.points)


CellText = Callable[[Table, Column, wording.Row, str], str]


def trends(table: Table, language: str, cell_text: CellText = wording.cell_text) -> list[Trend]:
    """A trend for each column of a table over quarters; none where nothing ever was.

    ``cell_text`` writes a cell as its reader writes numbers. Quarters without the figure are left
    out, and so is a figure with fewer than two numbers.
    """
    over = next((column for column in table["columns"] if column["key"] == table.get("over")), None)
    if over is None:
        return []
    made = []
    for column in table["columns"]:
        rows = [row for row in table["rows"] if row.get(column["key"]) != ""]
        values = [row.get(column["key"]) for row in rows]
        numbers = [Decimal(str(each)) for each in values if _is_number(each)]
        if column is over or len(numbers) < 2 or not (most := max(numbers)):
            continue
        points = tuple(
            Point(
                short_quarter(str(row.get(over["key"])), language),
                cell_text(table, over, row, language),
                cell_text(table, column, row, language),
                Decimal(str(value)) / most if _is_number(value) else None,
            )
            for row, value in zip(rows, values, strict=True)
        )
        made.append(Trend(column["label"][language], points))
    return made


def short_quarter(period: str, language: str) -> str:
    """``26년 4분기`` or ``Q4 2026`` for ``2026-q4``."""
    year, _dash, quarter = period.partition("-q")
    return f"{year[-2:]}년 {quarter}분기" if language == "ko" else f"Q{quarter} {year}"


def _is_number(value: object) -> bool:
    return isinstance(value, str | int) and _NUMBER.fullmatch(str(value)) is not None


def _whole(subject: Column, values: list[str]) -> Decimal:
    return Decimal(1) if subject.get("unit") == SHARE else max(map(Decimal, values))


def _part(value: str, whole: Decimal) -> Decimal:
    return min(Decimal(value) / whole, Decimal(1))


def _name(table: Table, row: wording.Row, language: str) -> str:
    """What a bar is called: the codes with names of its row, or its first cell."""
    named = [column for column in table["columns"] if column["key"] in table.get("words", {})]
    return " · ".join(
        wording.cell_text(table, column, row, language) for column in named or table["columns"][:1]
    )
