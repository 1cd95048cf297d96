"""A report's tables in the reader's words: titles for slugs, local times, units, bars.

What stands in the signed document is not changed: each cell keeps its value beside the text.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from contributions.strata_labels import dimension_label
from dure.core.language import current, localized
from governance.consent.purpose_words import purpose_label
from governance.log.kind_words import kind_text
from governance.reports.charts import trends
from governance.reports.documents import MASS, Figure, SectionDocument, Table
from governance.reports.documents import Column as TableColumn
from governance.reports.drawing import trend_svg
from portal.auditor.charts import BarChart, bar_chart
from portal.auditor.epochs import call_titles
from portal.formatting import (
    amount_text,
    exact,
    moment_of,
    moment_text,
    number_text,
    share_text,
    unit_text,
)

_NUMBER = re.compile(r"^-?\d+(\.\d+)?$", re.ASCII)
_TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", re.ASCII)
_HASH = re.compile(r"^[0-9a-f]{64}$", re.ASCII)
_AMOUNTS = frozenset({"paid", "funded", "left", "free", "amount"})
_SHARES = frozenset({"coverage", "distance"})
CellValue = str | int | Mapping[str, str] | list[str] | None
Row = Mapping[str, CellValue]


@dataclass(frozen=True)
class Cell:
    text: str
    value: str = ""
    is_code: bool = False
    is_withheld: bool = False


@dataclass(frozen=True)
class Column:
    key: str
    label: str
    is_number: bool


@dataclass(frozen=True)
class Drawing:
    title: str
    svg: SafeString


@dataclass(frozen=True)
class TableView:
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[tuple[Column, Cell], ...], ...]
    charts: tuple[BarChart, ...]
    note: str = ""
    trends: tuple[Drawing, ...] = ()


def titles_of(sections: Iterable[SectionDocument]) -> dict[str, str]:
    """Titles of the calls that any table of a report names by slug."""
    slugs = {
        str(row["call"])
        for section in sections
        for table in section["tables"]
        for row in table["rows"]
        if row.get("call")
    }
    return call_titles(slugs)


def figure_text(figure: Figure) -> str:
    """A figure with its unit; a hidden count of persons reads as such."""
    value, unit = figure["value"], figure["unit"]
    if value is None:
        return _("withheld")
    if unit in ("DURE", "KRW"):
        return amount_text(value, unit)
    if not _NUMBER.match(str(value)):
        return str(value)
    if unit == "persons":
        return _("%(count)s people") % {"count": number_text(value)}
    return number_text(value)


def _word(key: str, value: str, titles: Mapping[str, str]) -> str:
    """A text that stands for something with a name."""
    match key:
        case "call":
            return titles.get(value, value)
        case "dimension":
            return localized(dimension_label(value))
        case "purpose":
            return purpose_label(value, {"ko": value, "en": value})
        case "asset":
            return unit_text(value)
        case "kind":
            return kind_text(value)
    if _TIME.match(value):
        moment = moment_of(value)
        return moment_text(moment) if moment else value
    return value


def cell(key: str, row: Row, titles: Mapping[str, str]) -> Cell:
    """One cell: what to read, and the value of the document."""
    value = row.get(key)
    if value is None:
        return Cell(_("withheld"), is_withheld=True)
    if isinstance(value, Mapping):
        return Cell(localized(value))
    if isinstance(value, list):
        return Cell(", ".join(value))
    text = str(value)
    if not _NUMBER.match(text) or key in ("call", "dimension", "purpose"):
        return Cell(_word(key, text, titles), text, is_code=bool(_HASH.match(text)))
    if key in _AMOUNTS and row.get("asset"):
        return Cell(amount_text(text, str(row["asset"])), text)
    if key in _SHARES:
        return Cell(share_text(text), text)
    return Cell(number_text(text), text)


def _text(table: Table, column: TableColumn, row: Mapping[str, object], _language: str) -> str:
    """A cell of a table over quarters, whose columns state what they count."""
    return _cell_of(table, column, cast("Row", row), {}).text  # a row of a table of the document


def _cell_of(table: Table, column: TableColumn, row: Row, titles: Mapping[str, str]) -> Cell:
    """One cell: named by the document where its code has a name, counted as its column says."""
    value = row.get(column["key"])
    named = table.get("words", {}).get(column["key"], {}).get(str(value))
    if named:
        return Cell(localized(named), str(value))
    unit = column.get("unit", "")
    if unit == MASS and value is not None:
        return Cell(number_text(exact(str(value)) / 1000), str(value))
    if table.get("over") and value is not None:
        return Cell(_counted(str(value), unit) if value != "" else "–", str(value))
    return cell(column["key"], row, titles)


def _counted(value: str, unit: str) -> str:
    if unit in ("DURE", "KRW"):
        return amount_text(value, unit)
    if not _NUMBER.match(value):
        return value
    return number_text(value)


def _columns(table: Table) -> tuple[Column, ...]:
    """A call has one column: its title, where the document gives both slug and title.

    The unit stands with every amount, so that a column for it says nothing more.
    """
    keys = {column["key"] for column in table["columns"]}
    hidden = {"title"} if "call" in keys else set()
    if "manifest" in keys:
        hidden.add("epoch")
    if keys & _AMOUNTS:
        hidden.add("asset")
    return tuple(
        Column(
            column["key"],
            localized(column["label"]),
            all(_is_number(row.get(column["key"])) for row in table["rows"]),
        )
        for column in table["columns"]
        if column["key"] not in hidden
    )


def _is_number(value: object) -> bool:
    return (
        value is None
        or value == ""
        or (isinstance(value, str | int) and bool(_NUMBER.match(str(value))))
    )


def _named(row: Row, titles: Mapping[str, str]) -> str:
    """What a bar is called."""
    parts = [_word(key, str(row[key]), titles) for key in ("call", "dimension") if row.get(key)]
    return " · ".join(parts)


def _charts(table: Table, titles: Mapping[str, str]) -> tuple[BarChart, ...]:
    """Bars of the figure that a table is about, one chart for each unit."""
    labels = {column["key"]: localized(column["label"]) for column in table["columns"]}
    # Reports of before named no column to draw.
    earlier = {"calls": "paid", "by-state": "accepted", "coverage": "coverage"}
    subject = table.get("chart") or earlier.get(table["key"])
    if subject not in labels:
        return ()
    groups: dict[str, list[tuple[str, Decimal, str]]] = defaultdict(list)
    for row in table["rows"]:
        value = row.get(subject)
        if value is not None and _is_number(value):
            shown = cell(subject, row, titles)
            unit = str(row.get("asset") or "")
            groups[unit].append((_named(row, titles), exact(str(value)), shown.text))
    whole = Decimal(1) if subject in _SHARES else None
    title = f"{localized(table['title'])}: {labels[subject]}"
    charts = (
        bar_chart(f"{title} ({unit_text(unit)})" if unit else title, rows, whole)
        for unit, rows in sorted(groups.items())
    )
    return tuple(chart for chart in charts if chart)


def table_view(table: Table, titles: Mapping[str, str]) -> TableView:
    """A table as it is read."""
    columns = _columns(table)
    described = {column["key"]: column for column in table["columns"]}
    return TableView(
        title=localized(table["title"]),
        columns=columns,
        rows=tuple(
            tuple(
                (column, _cell_of(table, described[column.key], row, titles)) for column in columns
            )
            for row in table["rows"]
        ),
        charts=_charts(table, titles),
        note=localized(table.get("note", {})) if table.get("note") else "",
        trends=tuple(
            Drawing(trend.title, trend_svg(trend)) for trend in trends(table, current(), _text)
        ),
    )
