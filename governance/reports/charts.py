"""Bars of the column that a table is about; the table beside them holds the same numbers. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
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
        if isinstance(value, str | int) and _NUMBER.fullmatch(str(value)):
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
