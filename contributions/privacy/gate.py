"""The gate itself: every column, then what only several columns together give away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa

from contributions.parts import Told, untold
from contributions.privacy.columns import ColumnReading, read_column
from contributions.privacy.detectors import detect
from contributions.privacy.folding import fold
from contributions.privacy.headers import kinds_of
from contributions.privacy.positions import positions_of_people
from contributions.privacy.prefilter import Flags, worth_reading_of
from contributions.privacy.result import Finding, Verdict

FINDINGS_PER_RULE = 1000
#: Up to so many cells, the columns of a table are looked over as one.
SMALL_CELLS = 10_000
COLUMNS_AT_ONCE = 2


def scan(
    table: pa.Table,
    *,
    pseudonym_key: bytes,
    declared: Container[str] = (),
    findings_per_rule: int = FINDINGS_PER_RULE,
    worth: Sequence[Flags] | None = None,
    told: Told = untold,
) -> Verdict:
    """Examine a table of strings; rows are counted from 1 in the order of the table.

    `pseudonym_key`: secret of the call, so that tokens of two calls cannot be joined.
    `declared`: columns that the call asks for as they are, say the telephone numbers of public
    offices; they still refuse a file for what no call may ask for.
    `findings_per_rule`: so many findings of each rule are kept; all of them are counted.
    `worth`: what `worth_reading_of` says of the table, where it was asked for many of them.
    `told` hears of each column that was read.
    """
    if not pseudonym_key:
        raise ValueError("the pseudonym key must not be empty")
    table, headless = _without_persons_as_names(table)
    kinds = {name: kinds_of(name) for name in table.column_names}
    small = table.num_rows * table.num_columns <= SMALL_CELLS
    if worth is None and small:
        worth = worth_reading_of([table])[0]

    def reading(place: int) -> ColumnReading:
        name = table.column_names[place]
        column = table.column(name).combine_chunks()
        if isinstance(column, pa.ChunkedArray):
            column = column.chunk(0) if column.num_chunks else pa.array([], pa.string())
        return read_column(
            column,
            kinds[name],
            key=pseudonym_key,
            declared=name in declared,
            worth=None if worth is None else worth[place],
        )

    places = range(table.num_columns)
    if small:
        made = [reading(place) for place in places]
    else:
        # While one column is searched outside of Python, another is read inside.
        with ThreadPoolExecutor(COLUMNS_AT_ONCE) as pool:
            made = []
            for each in pool.map(reading, places):
                made.append(each)
                told(len(made), table.num_columns)
    readings = dict(zip(table.column_names, made, strict=True))
    dropped = positions_of_people(table, kinds, readings, declared)
    findings, counts = _findings(readings, findings_per_rule)
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


def _findings(
    readings: dict[str, ColumnReading], most: int
) -> tuple[list[Finding], dict[str, int]]:
    findings: list[Finding] = []
    counts: Counter[str] = Counter()
    for name, reading in readings.items():
        for (kind, rule, action), places in reading.found.items():
            free = max(0, most - counts[rule])
            counts[rule] += len(places)
            findings.extend(
                Finding(int(place) + 1, name, kind, rule, action) for place in places[:free]
            )
    findings.sort(key=lambda finding: (finding.row or 0, finding.column))
    return findings, dict(counts)
