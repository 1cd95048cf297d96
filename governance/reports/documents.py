"""The shape of a report's section, simple to compute, to render and to protect. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

from governance.reports.disclosure import suppress_counts, total_may_be_shown

Texts = dict[str, str]
# Whole numbers are counts; amounts and shares are decimal strings; None is suppressed.
Value = str | int | None

PERSONS = "persons"
#: What a column or figure counts, so that pages, print and programs show it alike.
SHARE, AMOUNT, MASS, MOMENT, DIGEST = "share", "amount", "mass", "moment", "sha256"


class Recompute(TypedDict):
    """How ``dure-verify report`` gets a figure anew, out of the report or out of the public log.

    ``sum``: of ``columns`` over the rows of ``table`` that have the values of ``where``.
    ``rows``: how many such rows there are. ``log``: how many entries of kind ``kind`` the log
    has in the period (any kind where it is empty), among those below the report's log size.
    ``kinds``: how many different kinds those have. ``trend``: the last row of the table has the
    figures of the section that the table is named like. ``editions``: the log has an entry for
    each edition of a report that a row names.
    """

    rule: str
    table: NotRequired[str]
    columns: NotRequired[list[str]]
    where: NotRequired[dict[str, str]]
    kind: NotRequired[str]


class Evidence(TypedDict):
    """Every row stands for one log entry of ``kind`` in the period, and every entry for a row.

    ``column`` of the row and ``member`` of the entry's payload hold the same identifier, and so
    does ``equal``: other columns, each with the member that it must equal where it is shown.
    """

    kind: str
    column: str
    member: str
    equal: dict[str, str]


class Figure(TypedDict):
    """One number of a section; ``unit`` is "persons" where it counts persons."""

    key: str
    label: Texts
    value: Value
    unit: str
    suppressed: bool
    recompute: NotRequired[Recompute]
    note: NotRequired[Texts]


class Column(TypedDict):
    """A column of a table; ``unit`` is "persons" where it counts persons."""

    key: str
    label: Texts
    unit: NotRequired[str]


class Table(TypedDict):
    """A table; each row maps column keys to values, and ``suppressed`` names hidden ones.

    ``words`` says what codes of a column mean: ``{column: {code: text}}``. ``chart`` names the
    column that is worth drawing, ``over`` the column of quarters over which all others are,
    ``note`` how to read the table.
    """

    key: str
    title: Texts
    columns: list[Column]
    rows: list[dict[str, Value | Texts | list[str]]]
    words: NotRequired[dict[str, dict[str, Texts]]]
    chart: NotRequired[str]
    over: NotRequired[str]
    note: NotRequired[Texts]
    evidence: NotRequired[Evidence]
    recompute: NotRequired[Recompute]


class SectionDocument(TypedDict):
    """What one room adds to a report; ``notes`` explain terms and method, a paragraph each."""

    key: str
    title: Texts
    figures: list[Figure]
    tables: list[Table]
    notes: NotRequired[list[Texts]]


def figure(
    key: str, label: Texts, value: Value, unit: str = "", *, recompute: Recompute | None = None
) -> Figure:
    """A number as it is; counts of persons are protected by ``person_figure``."""
    made: Figure = {
        "key": key,
        "label": label,
        "value": value,
        "unit": unit,
        "suppressed": False,
    }
    return made if recompute is None else {**made, "recompute": recompute}


def total_of(table: str, *columns: str) -> Recompute:
    """That a figure is the sum of columns of a table of its section."""
    return {"rule": "sum", "table": table, "columns": list(columns)}


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
    *,
    units: Mapping[str, str] | None = None,
) -> Table:
    """A table of numbers that do not count persons; ``units`` of its columns, where they help.

    A value that is None was withheld by whoever computed it, and is marked as such.
    """
    stated = units or {}
    return {
        "key": key,
        "title": title,
        "columns": [
            {"key": name, "label": label, "unit": stated[name]}
            if name in stated
            else {"key": name, "label": label}
            for name, label in columns
        ],
        "rows": [
            {**row, "suppressed": [name for name, value in row.items() if value is None]}
            for row in rows
        ],
    }


def with_units(made: Table, units: Mapping[str, str]) -> Table:
    """The table with units of further columns."""
    columns: list[Column] = [
        {**column, "unit": units[column["key"]]} if column["key"] in units else column
        for column in made["columns"]
    ]
    return {**made, "columns": columns}


def sum_figure(key: str, label: Texts, value: str | None, unit: str) -> Figure:
    """A sum of amounts as a decimal string, or None where it is withheld."""
    return {
        "key": key,
        "label": label,
        "value": value,
        "unit": unit,
        "suppressed": value is None,
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
    hidden: list[list[str]] = [
        [name for name, value in row.items() if value is None] for row in rows
    ]
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
        "columns": [
            {"key": name, "label": label, "unit": PERSONS}
            if name in counts
            else {"key": name, "label": label}
            for name, label in columns
        ],
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
