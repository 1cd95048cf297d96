"""How often the gate is right, measured anew with other people at every run."""

from __future__ import annotations

import random
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import pyarrow as pa
import pytest

from contributions.privacy import scan
from tests.contributions.privacy import labelled
from tests.contributions.privacy.labelled import Cell

KEY = b"pseudonyms of one call"
FILES = 25


def found_in(cells: Iterable[Cell]) -> list[tuple[Cell, set[str]]]:
    """What the gate says of each cell, when the cells of one name stand in one column."""
    columns: dict[str, list[Cell]] = {}
    for cell in cells:
        columns.setdefault(cell.column, []).append(cell)
    said = []
    for name, column in columns.items():
        table = pa.table({name: pa.array([cell.text for cell in column], pa.string())})
        types: list[set[str]] = [set() for _ in column]
        for finding in scan(table, pseudonym_key=KEY).findings:
            for row in range(len(column)) if finding.row is None else (finding.row - 1,):
                types[row].add(finding.type)
        said += list(zip(column, types, strict=True))
    return said


def files(seed: int) -> Iterator[list[Cell]]:
    """Each file mixes people and things, as a table of remarks does."""
    draw = random.Random(seed)
    for _ in range(FILES):
        cells = [
            *labelled.ordinary(draw),
            *labelled.announced_weakly(draw),
            *labelled.evading(draw),
            *labelled.harmless(draw),
        ]
        draw.shuffle(cells)
        yield cells
        yield list(labelled.headed(draw))


@pytest.fixture(scope="module")
def judged() -> tuple[int, list[tuple[Cell, set[str]]]]:
    seed = secrets.randbits(64)
    return seed, [answer for cells in files(seed) for answer in found_in(cells)]


GROUPS: dict[str, tuple[Callable[[Cell], bool], float]] = {
    "ordinary": (lambda cell: cell.form in ORDINARY_FORMS, 0.995),
    "only by context": (lambda cell: cell.form in ("headed", "announced"), 0.9),
    "evasions": (lambda cell: cell.form not in OTHER_FORMS, 0.9),
}
ORDINARY_FORMS: frozenset[str] = frozenset(case[0] for case in labelled.ORDINARY)
OTHER_FORMS: frozenset[str] = ORDINARY_FORMS | {"headed", "announced", "thing", "thing text"}


@pytest.mark.parametrize("group", GROUPS)
def test_recall(group: str, judged: tuple[int, list[tuple[Cell, set[str]]]]) -> None:
    seed, answers = judged
    belongs, least = GROUPS[group]
    asked = [(cell, types) for cell, types in answers if belongs(cell)]
    missed = [cell for cell, types in asked if cell.kind not in types]
    worst = Counter((cell.form, cell.kind) for cell in missed).most_common(8)
    assert len(asked) > 1000
    assert 1 - len(missed) / len(asked) >= least, (seed, worst, missed[:8])


def test_precision(judged: tuple[int, list[tuple[Cell, set[str]]]]) -> None:
    seed, answers = judged
    right = sum(len(types & {cell.kind}) for cell, types in answers)
    wrong = [(cell, types - {cell.kind}) for cell, types in answers if types - {cell.kind}]
    false = sum(len(types) for _, types in wrong)
    worst = Counter((cell.form, cell.column, *types) for cell, types in wrong).most_common(8)
    assert sum(not cell.kind for cell, _ in answers) > 2000
    assert right / (right + false) >= 0.985, (seed, worst, wrong[:8])


def test_no_type_is_the_weak_one(judged: tuple[int, list[tuple[Cell, set[str]]]]) -> None:
    seed, answers = judged
    asked = Counter(cell.kind for cell, _ in answers if cell.kind)
    seen = Counter(cell.kind for cell, types in answers if cell.kind and cell.kind in types)
    weak = {kind: seen[kind] / count for kind, count in asked.items() if seen[kind] < 0.9 * count}
    assert not weak, (seed, weak)
