"""Where people were: coordinates beside a person, which no single column gives away.

Facilities keep theirs: a landline or an office's name makes no person of a park.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from contributions.privacy.columns import ColumnReading
from contributions.privacy.persons import POINT
from contributions.privacy.tokens import MOST_LATITUDE, cell, metres, point

# Several positions of one person draw a path; from here on it is one.
PATH_POINTS = 3
NUMBER = r"^\s*[+-]?[0-9]{1,9}(\.[0-9]+)?\s*$"
# Projected coordinates are metres from a far origin; degrees never get so large.
MOST_DEGREES = 180
Flags = npt.NDArray[np.bool_]
Kinds = Mapping[str, frozenset[str]]


def positions_of_people(
    table: pa.Table,
    kinds: Kinds,
    readings: dict[str, ColumnReading],
    declared: Container[str],
) -> set[str]:
    """Snap single positions to the grid and empty those of paths, in `readings`; the columns that
    hold nothing afterwards are returned, to be left out.
    """
    homes = [name for name in table.column_names if "home" in _words(name)]
    people = [name for name in table.column_names if _tells_people(kinds[name], readings[name])]
    pairs = _pairs(table, kinds, lambda name: bool(people) or name in homes)
    single = [name for name in table.column_names if people and "point" in kinds[name]]
    groups = [[*pair] for pair in pairs] + [[name] for name in single]
    open_groups = [group for group in groups if not all(name in declared for name in group)]
    if not open_groups:
        return set()
    on_path = _on_path(table, people, kinds, positions_per_row=len(open_groups))
    emptied: set[str] = set()
    for group in open_groups:
        snapped = _snapped(table, group)
        for name, column, filled in snapped:
            reading = readings[name]
            _note(reading, filled, on_path)
            kept = pc.if_else(pa.array(on_path), pa.scalar(None, pa.string()), column)
            reading.column = kept
            if filled.any() and on_path[filled].all():
                emptied.add(name)
    return emptied


def _note(reading: ColumnReading, filled: Flags, on_path: Flags) -> None:
    single, path = np.nonzero(filled & ~on_path)[0], np.nonzero(filled & on_path)[0]
    # Both columns of a pair are reported: each half is personal.
    if len(single):
        reading.found["geo_point", "geo_point.person", "generalise"] = single.astype(np.int64)
    if len(path):
        reading.found["trajectory", "trajectory.person", "drop"] = path.astype(np.int64)


def _words(name: str) -> frozenset[str]:
    folded = name.casefold()
    return frozenset(
        ("home",) if any(word in folded for word in ("home", "집", "자택", "거주")) else ()
    )


def _pairs(table: pa.Table, kinds: Kinds, personal: Callable[[str], bool]) -> list[tuple[str, str]]:
    """Columns of latitude with the column of longitude that follows in the same order."""
    latitudes = [name for name in table.column_names if "latitude" in kinds[name]]
    longitudes = [name for name in table.column_names if "longitude" in kinds[name]]
    return [
        (latitude, longitude)
        for latitude, longitude in zip(latitudes, longitudes, strict=False)
        if personal(latitude)
    ]


def _on_path(table: pa.Table, people: list[str], kinds: Kinds, *, positions_per_row: int) -> Flags:
    """Rows of a person of whom the table holds so many positions that they draw a path."""
    flags = np.zeros(table.num_rows, np.bool_)
    if not people:
        return flags
    # An identifier tells persons apart better than whatever else is said of them.
    key = next((name for name in people if "person_id" in kinds[name]), people[0])
    encoded = table.column(key).combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    known = codes >= 0
    counts = np.bincount(codes[known], minlength=1) * positions_per_row
    flags[known] = counts[codes[known]] >= PATH_POINTS
    return flags


def _tells_people(kinds: frozenset[str], reading: ColumnReading) -> bool:
    if kinds & {"person_id", "name", "device_id", "email", "dob"}:
        return True
    rules = {rule for _type, rule, _action in reading.found}
    return bool(rules & {"name.header", "name.keyword", "phone.mobile", "plate.form", "email.form"})


def _snapped(table: pa.Table, group: list[str]) -> list[tuple[str, pa.Array, Flags]]:
    """Each column on the grid, and which of its cells held something. What is no coordinate
    becomes null, because nobody knows what it says.
    """
    columns = [_strings(table, name) for name in group]
    filled = [column.is_valid().to_numpy(zero_copy_only=False) for column in columns]
    if len(group) == 1:
        points = pc.match_substring_regex(columns[0], _re2(POINT.pattern))
        return [(group[0], _mapped(columns[0], point), np.array(pc.fill_null(points, False)))]
    first, second = (_numbers(column) for column in columns)
    pairs: dict[tuple[float, float], tuple[str | None, str | None]] = {}
    latitudes: list[str | None] = []
    longitudes: list[str | None] = []
    for pair in zip(first.tolist(), second.tolist(), strict=True):
        if pair not in pairs:
            pairs[pair] = _on_grid(*pair)
        latitudes.append(pairs[pair][0])
        longitudes.append(pairs[pair][1])
    return [
        (group[0], pa.array(latitudes, pa.string()), filled[0]),
        (group[1], pa.array(longitudes, pa.string()), filled[1]),
    ]


def _on_grid(latitude: float, longitude: float) -> tuple[str | None, str | None]:
    if latitude != latitude or longitude != longitude:  # half a position, or none
        return None, None
    if abs(latitude) > MOST_DEGREES or abs(longitude) > MOST_DEGREES:
        return metres(latitude), metres(longitude)
    if abs(latitude) > MOST_LATITUDE:
        swapped = cell(longitude, latitude)
        return swapped[1], swapped[0]
    return cell(latitude, longitude)


def _re2(pattern: str) -> str:
    """Without look-around, which RE2 does not have."""
    return pattern.replace("(?<![0-9.])", "").replace("(?![0-9.])", "")


def _strings(table: pa.Table, name: str) -> pa.Array:
    column = table.column(name).combine_chunks()
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _numbers(column: pa.Array) -> npt.NDArray[np.float64]:
    """NaN where the cell is empty or no number."""
    fits = pc.match_substring_regex(column, NUMBER)
    texts = pc.utf8_trim_whitespace(pc.if_else(fits, column, pa.scalar(None, pa.string())))
    numbers = pc.cast(texts, pa.float64())
    return np.array(pc.fill_null(numbers, float("nan")).to_numpy(zero_copy_only=False))


def _mapped(column: pa.Array, change: Callable[[str], str | None]) -> pa.Array:
    encoded = column.dictionary_encode()
    texts = pa.array([change(text) for text in encoded.dictionary.to_pylist()], pa.string())
    return texts.take(encoded.indices)
