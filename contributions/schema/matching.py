"""Which column of the file is which field of the schema."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from contributions.privacy.detectors import detect
from contributions.privacy.folding import fold
from contributions.schema.document import fields_of, same_name

DIGITS_OF_A_VALUE = 6
LONGEST_NAME = 80


class ColumnsMismatch(Exception):
    """Fields the file lacks, beside the columns that no field asks for (those alone are fine)."""

    def __init__(self, missing: list[str], unknown: list[str]) -> None:
        super().__init__("columns do not match the schema")
        self.missing = missing
        self.unknown = unknown


def match_columns(table: pa.Table, schema: Mapping[str, object]) -> pa.Table:
    """The schema's columns, in its order and under its names; other columns are left out.

    An exact name wins; otherwise names are compared in NFC, stripped and without regard to case,
    as long as only one column answers. Raises `ColumnsMismatch` when a field has no column.
    """
    positions, missing = _positions(table.column_names, schema)
    if missing:
        raise ColumnsMismatch(missing, unknown_columns(table.column_names, schema))
    names = [str(field["name"]) for field in fields_of(schema)]
    return pa.table([table.column(positions[name]) for name in names], names=names)


def extra_columns(table: pa.Table, schema: Mapping[str, object]) -> pa.Table:
    """The columns that no field asks for, named as `unknown_columns` names them.

    They are never kept, but what they hold decides whether the file may be taken at all.
    """
    positions, _missing = _positions(table.column_names, schema)
    used = set(positions.values())
    places = [index for index in range(table.num_columns) if index not in used]
    names = unknown_columns(table.column_names, schema)
    return pa.table([table.column(place) for place in places], names=names)


def unknown_columns(names: list[str], schema: Mapping[str, object]) -> list[str]:
    """The file's columns that the schema does not ask for, in file order.

    A file without a header line has a record in its place: names that look like values of a person
    are given as their position, "#3".
    """
    positions, _missing = _positions(names, schema)
    used = set(positions.values())
    return [
        f"#{index + 1}" if _looks_like_a_value(name) else name
        for index, name in enumerate(names)
        if index not in used
    ]


def _looks_like_a_value(name: str) -> bool:
    folded = fold(name)
    many_digits = sum(character.isdigit() for character in folded) >= DIGITS_OF_A_VALUE
    return many_digits or len(name) > LONGEST_NAME or bool(detect(folded, frozenset()))


def _positions(names: list[str], schema: Mapping[str, object]) -> tuple[dict[str, int], list[str]]:
    exact = {name: index for index, name in enumerate(names)}
    loose: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        loose.setdefault(same_name(name), []).append(index)
    found: dict[str, int] = {}
    missing: list[str] = []
    for field in fields_of(schema):
        name = str(field["name"])
        candidates = loose.get(same_name(name), [])
        if name in exact:
            found[name] = exact[name]
        elif len(candidates) == 1:
            found[name] = candidates[0]
        else:
            missing.append(name)
    return found, missing
