"""Disclosure control against subtraction: of counts in one report, and of quarters in a row. Pure.

A reader subtracts whatever is printed. Three differences of counts of persons are counts again,
of people who are in the one and not in the other:

- a total less one of its parts, and all parts together less the total: who is in no other part, or
  in more than one;
- two purposes of one call, where whoever decides on one decides on the other: who agreed to the
  one alone, hence the count of refusals, even where that is withheld;
- all who ever came, quarter after quarter, less all who went: who is still there.

Where one of them lies between 1 and below the threshold, what it was computed from is withheld.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from governance.reports.disclosure import THRESHOLD
from governance.reports.documents import PERSONS, Figure, SectionDocument, Table, Value

Row = dict[str, Value | dict[str, str] | list[str]]


def tells_of_few(difference: int) -> bool:
    """Whether a count found by subtracting would have been withheld."""
    return 0 < difference < THRESHOLD


def total_tells(total: int, parts: Sequence[int | None]) -> bool:
    """Whether a total, beside its parts as they are shown, tells how many few people are where."""
    shown = [part for part in parts if part is not None]
    if any(tells_of_few(total - part) for part in shown):
        return True
    return len(shown) == len(parts) > 1 and tells_of_few(sum(shown) - total)


def apart_in_groups(made: Table, *, group: str, agreed: str, refused: str) -> Table:
    """The table without counts that, beside another row of their group, tell of a few.

    Of two rows of a group that differ by a few in ``agreed``, also less ``refused``, the smaller is
    withheld: it is the one that fewer were asked for.
    """
    rows = [dict(row) for row in made["rows"]]
    for row in rows:
        own = row.get(agreed)
        if not isinstance(own, int):
            continue
        declined = row.get(refused)
        for other in rows:
            beside = other.get(agreed)
            if other is row or other.get(group) != row.get(group) or not isinstance(beside, int):
                continue
            without = declined if isinstance(declined, int) else 0
            if tells_of_few(beside - own) or (without and tells_of_few(beside - own - without)):
                _withhold(row, agreed)
                break
    return {**made, "rows": rows}


def rest_apart(
    section: SectionDocument,
    period: str,
    others: Mapping[str, SectionDocument],
    *,
    table: str,
    named: Sequence[str],
    came: str,
    went: str,
) -> SectionDocument:
    """The section without counts of those who went that tell how few are still there.

    ``others`` is the same section of one report for each other quarter, earlier or later. Rows of
    ``table`` are the same where ``named`` are; figures are called as its columns. Where a row is
    withheld, its total goes with it.
    """
    touched = False
    tables: list[Table] = []
    for made in section["tables"]:
        rows: list[Row] = [dict(row) for row in made["rows"]]
        for row in rows if made["key"] == table else ():
            name = [row.get(key) for key in named]
            lines = {
                quarter: [
                    old
                    for kept in each["tables"]
                    if kept["key"] == table
                    for old in kept["rows"]
                    if [old.get(key) for key in named] == name
                ]
                for quarter, each in others.items()
            }
            if _few_stay({**lines, period: [row]}, period, came, went):
                _withhold(row, went)
                touched = True
        tables.append({**made, "rows": rows})
    totals: dict[str, list[Mapping[str, object]]] = {
        quarter: [{each["key"]: each["value"] for each in one["figures"]}]
        for quarter, one in {**others, period: section}.items()
    }
    few = touched or _few_stay(totals, period, came, went)
    figures = [
        _hidden(each) if few and each["key"] == went else each for each in section["figures"]
    ]
    return {**section, "figures": figures, "tables": tables}


def _few_stay(
    lines: Mapping[str, Sequence[Mapping[str, object]]], period: str, came: str, went: str
) -> bool:
    """Whether what is shown of who came, less who went, leaves a few at the end of this quarter or
    of a later one. Where a quarter withholds something, nothing more can be found from there on.
    """
    rest = 0
    for quarter in sorted(lines):
        for line in lines[quarter]:
            plus, minus = line.get(came), line.get(went)
            if not isinstance(plus, int) or not isinstance(minus, int):
                return False
            rest += plus - minus
        if quarter >= period and tells_of_few(rest):
            return True
    return False


def totals_apart(section: SectionDocument) -> SectionDocument:
    """The section without totals that tell of a few beside the parts, as they are shown.

    A figure is the total of the columns of its name.
    """
    figures = []
    for each in section["figures"]:
        value, key = each["value"], each["key"]
        tells = isinstance(value, int) and any(
            total_tells(value, [part if isinstance(part, int) else None for part in parts])
            for made in section["tables"]
            if any(column["key"] == key and column.get("unit") == PERSONS
                   for column in made["columns"])
            for parts in ([row.get(key) for row in made["rows"]],)
        )  # fmt: skip
        figures.append(_hidden(each) if tells and each["unit"] == PERSONS else each)
    return {**section, "figures": figures}


def _withhold(row: Row, column: str) -> None:
    row[column] = None
    names = row.get("suppressed")
    row["suppressed"] = [*(names if isinstance(names, list) else []), column]


def _hidden(each: Figure) -> Figure:
    return {**each, "value": None, "suppressed": True}
