"""Disclosure control across editions: what changed by a few persons is not published. Pure.

A report of a running quarter is published again as it goes on. If it said 7 persons yesterday and
8 today, whoever knows that one person joined today learns what that person did. So a count of
persons is withheld in a new edition where it differs from any value that an earlier edition of the
same period has shown by fewer than the threshold, but is not equal to it. A total goes with a
withheld cell, from which the cell could be computed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from governance.reports.disclosure import THRESHOLD
from governance.reports.documents import PERSONS, Figure, SectionDocument, Table, Value

#: Where a count stands: section, table ("" for figures), row ("" for figures), column.
Place = tuple[str, str, str, str]


def shown_counts(sections: Iterable[SectionDocument]) -> dict[Place, int]:
    """Every count of persons that a report shows."""
    found: dict[Place, int] = {}
    for section in sections:
        for figure in section["figures"]:
            if figure["unit"] == PERSONS and isinstance(figure["value"], int):
                found[section["key"], "", "", figure["key"]] = figure["value"]
        for table in section["tables"]:
            for row in table["rows"]:
                for column in _person_columns(table):
                    value = row.get(column)
                    if isinstance(value, int):
                        found[section["key"], table["key"], row_key(table, row), column] = value
    return found


def row_key(table: Table, row: object) -> str:
    """What names a row: the texts of its columns that count nothing."""
    assert isinstance(row, dict)
    counts = _person_columns(table)
    named = (column["key"] for column in table["columns"] if column["key"] not in counts)
    texts = (row.get(name) for name in named)
    return "|".join(text for text in texts if isinstance(text, str) and not text[:1].isdigit())


def apart(
    sections: Sequence[SectionDocument], earlier: Sequence[Sequence[SectionDocument]]
) -> list[SectionDocument]:
    """The sections without the counts that, beside an earlier edition, would tell of a few."""
    before = [shown_counts(edition) for edition in earlier]
    return [_section(section, before) for section in sections]


def _is_close(place: Place, value: int, before: Sequence[dict[Place, int]]) -> bool:
    return any(0 < abs(value - shown[place]) < THRESHOLD for shown in before if place in shown)


def _section(section: SectionDocument, before: Sequence[dict[Place, int]]) -> SectionDocument:
    tables, touched = [], set()
    for table in section["tables"]:
        kept, columns = _table(section["key"], table, before)
        tables.append(kept)
        touched |= columns
    figures = [_figure(section["key"], each, before, touched) for each in section["figures"]]
    return {**section, "figures": figures, "tables": tables}


def _figure(
    section: str, figure: Figure, before: Sequence[dict[Place, int]], touched: set[str]
) -> Figure:
    value = figure["value"]
    if figure["unit"] != PERSONS or not isinstance(value, int):
        return figure
    if figure["key"] in touched or _is_close((section, "", "", figure["key"]), value, before):
        return {**figure, "value": None, "suppressed": True}
    return figure


def _table(
    section: str, table: Table, before: Sequence[dict[Place, int]]
) -> tuple[Table, set[str]]:
    """The table, and the columns in which something was withheld here."""
    touched: set[str] = set()
    rows = []
    for row in table["rows"]:
        hidden = row.get("suppressed")
        names = list(hidden) if isinstance(hidden, list) else []
        changed: dict[str, Value | dict[str, str] | list[str]] = dict(row)
        for column in sorted(_person_columns(table)):
            value = row.get(column)
            place = (section, table["key"], row_key(table, row), column)
            if isinstance(value, int) and _is_close(place, value, before):
                changed[column] = None
                names.append(column)
                touched.add(column)
        rows.append({**changed, "suppressed": names})
    return {**table, "rows": rows}, touched


def _person_columns(table: Table) -> set[str]:
    return {column["key"] for column in table["columns"] if column.get("unit") == PERSONS}
