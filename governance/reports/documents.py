"""The shape of a report's section, simple to compute, to render and to protect. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

from governance.reports.disclosure import suppress_counts, total_may_be_shown

Texts = dict[str, str]
# Whole numbers are counts; amounts and shares are decimal strings; None is suppressed.
Value = str | int | None

PERSONS = "persons"


class Figure(TypedDict):
    """One number of a section; ``unit`` is "persons" where it counts persons."""

    key: str
    label: Texts
    value: Value
    unit: str
    suppressed: bool


class Column(TypedDict):
    """A column of a table."""

    key: str
    label: Texts


class Table(TypedDict):
    """A table; each row maps column keys to values, and ``suppressed`` names hidden ones."""

    key: str
    title: Texts
    columns: list[Column]
    rows: list[dict[str, Value | Texts | list[str]]]


class SectionDocument(TypedDict):
    """What one room adds to a report."""

    key: str
    title: Texts
    figures: list[Figure]
    tables: list[Table]


def figure(key: str, label: Texts, value: Value, unit: str = "") -> Figure:
    """A number as it is; counts of persons are protected by ``person_figure``."""
    return {"key": key, "label": label, "value": value, "unit": unit, "suppressed": False}


def person_figure(key: str, label: Texts, persons: int, *, parts: Sequence[int] = ()) -> Figure:
    """A count of persons, hidden where it is between 1 and 4.

    ``parts`` are the counts of a ``person_table`` that it is the total of: where they cannot be
    protected beside their total, the total is hidden as well.
    """
    (shown,) = suppress_counts([persons])
    if not total_may_be_shown(parts):
        shown = None
    return {
        "key": key,
        "label": label,
        "value": shown,
        "unit": PERSONS,
        "suppressed": shown is None,
    }


def table(
    key: str,
    title: Texts,
    columns: Sequence[tuple[str, Texts]],
    rows: Sequence[Mapping[str, Value | Texts]],
) -> Table:
    """A table of numbers that do not count persons."""
    return {
        "key": key,
        "title": title,
        "columns": [{"key": name, "label": label} for name, label in columns],
        "rows": [{**row, "suppressed": []} for row in rows],
    }


def person_table(
    key: str,
    title: Texts,
    columns: Sequence[tuple[str, Texts]],
    rows: Sequence[Mapping[str, Value | Texts]],
    *,
    counts: Sequence[str],
    total_is_known: bool = True,
) -> Table:
    """A table whose columns ``counts`` count persons, protected column by column.

    Where the total of a column is known (published beside it, or to be found by adding), one
    hidden cell could be computed from the others: then a second one is hidden as well.
    """
    shown = [dict(row) for row in rows]
    hidden: list[list[str]] = [[] for _ in rows]
    for column in counts:
        values = []
        for row in rows:
            value = row[column]
            assert isinstance(value, int), "a count of persons is a whole number"
            values.append(value)
        for place, value in enumerate(suppress_counts(values, total_is_known=total_is_known)):
            shown[place][column] = value
            if value is None:
                hidden[place].append(column)
    return {
        "key": key,
        "title": title,
        "columns": [{"key": name, "label": label} for name, label in columns],
        "rows": [
            {**row, "suppressed": list(names)} for row, names in zip(shown, hidden, strict=True)
        ],
    }


def protected(section: SectionDocument) -> SectionDocument:
    """The section with every small count of persons hidden that its room left in the open."""
    return {
        **section,
        "figures": [
            person_figure(shown["key"], shown["label"], shown["value"])
            if shown["unit"] == PERSONS and isinstance(shown["value"], int)
            else shown
            for shown in section["figures"]
        ],
    }
