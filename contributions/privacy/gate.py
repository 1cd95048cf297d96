"""The gate itself: every column, then what only several columns together give away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from contributions.privacy.columns import ColumnReading, Places, read_column
from contributions.privacy.detectors import detect
from contributions.privacy.folding import fold
from contributions.privacy.headers import kinds_of
from contributions.privacy.result import Action, Finding, Verdict

FINDINGS_PER_RULE = 1000
# Several positions of one person draw a path; from here on it is one.
PATH_POINTS = 3
# 0.01 degree is about a kilometre: coarser than a home, finer than a district.
KEPT_DECIMALS = 2


def scan(table: pa.Table, *, pseudonym_key: bytes, declared: Container[str] = ()) -> Verdict:
    """Examine a table of strings; rows are counted from 1 in the order of the table.

    `pseudonym_key`: secret of the call, so that tokens of two calls cannot be joined.
    `declared`: columns that the call asks for as they are, say the telephone numbers of public
    offices; they still refuse a file for what no call may ask for.
    """
    if not pseudonym_key:
        raise ValueError("the pseudonym key must not be empty")
    table, headless = _without_persons_as_names(table)
    kinds = {name: kinds_of(name) for name in table.column_names}
    readings: dict[str, ColumnReading] = {}
    for name in table.column_names:
        column = table.column(name).combine_chunks()
        if isinstance(column, pa.ChunkedArray):
            column = column.chunk(0) if column.num_chunks else pa.array([], pa.string())
        readings[name] = read_column(
            column, kinds[name], key=pseudonym_key, declared=name in declared
        )
    dropped = _positions_of_people(table, kinds, readings, declared)
    findings, counts = _findings(readings)
    for finding in headless:
        findings.insert(0, finding)
        counts[finding.rule] = counts.get(finding.rule, 0) + 1
    refused = any(finding.action == "refuse" for finding in headless) or any(
        action == "refuse" for reading in readings.values() for _, _, action in reading.found
    )
    kept = [name for name in table.column_names if name not in dropped]
    clean = pa.table([readings[name].column for name in kept], names=kept)
    return Verdict(findings, refused, clean.slice(0, 0) if refused else clean, counts)


def _without_persons_as_names(table: pa.Table) -> tuple[pa.Table, list[Finding]]:
    """A file sent without its header line has a record for column names: number those columns."""
    findings: list[Finding] = []
    names: list[str] = []
    for position, name in enumerate(table.column_names, start=1):
        hits = [
            hit for hit in detect(fold(name), frozenset()) if hit.certain and hit.action != "pass"
        ]
        names.append(f"#{position}" if hits else name)
        findings.extend(Finding(None, names[-1], hit.type, hit.rule, hit.action) for hit in hits)
    return table.rename_columns(names), findings


def _findings(readings: dict[str, ColumnReading]) -> tuple[list[Finding], dict[str, int]]:
    findings: list[Finding] = []
    counts: Counter[str] = Counter()
    for name, reading in readings.items():
        for (kind, rule, action), places in reading.found.items():
            free = max(0, FINDINGS_PER_RULE - counts[rule])
            if not len(places):
                findings.append(Finding(None, name, kind, rule, action))
                counts[rule] += 1
                continue
            counts[rule] += len(places)
            findings.extend(
                Finding(int(place) + 1, name, kind, rule, action) for place in places[:free]
            )
    findings.sort(key=lambda finding: (finding.row or 0, finding.column))
    return findings, dict(counts)


def _positions_of_people(
    table: pa.Table,
    kinds: dict[str, frozenset[str]],
    readings: dict[str, ColumnReading],
    declared: Container[str],
) -> set[str]:
    """Coordinates beside a person: rounded when they are single points, dropped as paths.

    Facilities keep theirs: a landline or an office's name makes no person of a park.
    """
    points = [name for name in table.column_names if kinds[name] & {"latitude", "longitude"}]
    people = [name for name in table.column_names if _tells_people(kinds[name], readings[name])]
    if len(points) < 2 or not people or all(name in declared for name in points):
        return set()
    repeats = pc.value_counts(table.column(people[0]).drop_null()).field("counts")
    path = len(repeats) > 0 and (pc.max(repeats).as_py() or 0) >= PATH_POINTS
    nowhere: Places = np.zeros(0, np.int64)
    for name in points:
        reading = readings[name]
        action: Action = "drop" if path else "generalise"
        label = ("trajectory", "trajectory.person") if path else ("geo_point", "geo_point.person")
        reading.found[label[0], label[1], action] = nowhere
        if not path:
            reading.column = _rounded(reading.column)
    return set(points) if path else set()


def _tells_people(kinds: frozenset[str], reading: ColumnReading) -> bool:
    if "person_id" in kinds or "name" in kinds:
        return True
    rules = {rule for _type, rule, _action in reading.found}
    return bool(rules & {"name.header", "phone.mobile", "plate.form"}) or "device_id" in kinds


def _rounded(column: pa.Array) -> pa.Array:
    """Cut to two decimals; a cell that is no plain coordinate becomes null."""
    pattern = rf"^\s*([+-]?[0-9]{{1,3}}(?:\.[0-9]{{1,{KEPT_DECIMALS}}})?)[0-9]*\s*$"
    fits = pc.fill_null(pc.match_substring_regex(column, pattern), False)
    cut = pc.replace_substring_regex(column, pattern, r"\1")
    return pc.if_else(fits, cut, pa.scalar(None, pa.string()))
