"""Which cells of a table may be shown when its margins are public anyway.

A cell of fewer than k contributors is hidden, and so much beside it that neither a row nor a column
gives it away by subtraction, nor any sum and difference of them (cell suppression; Willenborg & de
Waal 2001, Elements of Statistical Disclosure Control). What is hidden in a line adds up to at least
k contributors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

K = 10
Cell = tuple[str, ...]


def hidden_cells(cells: Mapping[Cell, int], k: int = K) -> set[Cell]:
    """The cells to hide, of a table given by the contributors of every cell, empty ones too.

    The lines are the cells that share a key in one place; of a table with one dimension there is
    one line. In each line with anything hidden, either two cells or more are, one of them with k
    contributors, or all of them are.
    """
    hidden = {cell for cell, contributors in cells.items() if 0 < contributors < k}
    if not hidden:
        return hidden
    lines = _lines(cells)
    while True:
        more: set[Cell] = set()
        for line in lines:
            more |= _to_hide_as_well(line, hidden | more, cells, k)
        if not more:
            given_away = [cell for cell in _derived(hidden, lines) if 0 < cells[cell] < k]
            for cell in given_away:
                more |= _companion([line for line in lines if cell in line], hidden | more, cells)
        if not more:
            return hidden
        hidden |= more


def _lines(cells: Mapping[Cell, int]) -> list[list[Cell]]:
    found: dict[tuple[int, str], list[Cell]] = {}
    for cell in cells:
        places = enumerate(cell) if len(cell) > 1 else [(0, "")]
        for place, key in places:
            found.setdefault((place, key), []).append(cell)
    return list(found.values())


def _to_hide_as_well(
    line: list[Cell], hidden: set[Cell], cells: Mapping[Cell, int], k: int
) -> set[Cell]:
    mine = [cell for cell in line if cell in hidden]
    if not mine or len(mine) == len(line):
        return set()
    if len(mine) > 1 and any(cells[cell] >= k for cell in mine):
        return set()
    return _companion([line], hidden, cells)


def _companion(
    lines: Sequence[Sequence[Cell]], hidden: set[Cell], cells: Mapping[Cell, int]
) -> set[Cell]:
    """The smallest shown cell of these lines; where all that is shown is empty, all of it, so that
    nobody learns which one is.
    """
    shown = {cell for line in lines for cell in line} - hidden
    filled = [cell for cell in shown if cells[cell]]
    return {min(filled, key=lambda cell: (cells[cell], cell))} if filled else shown


def _derived(hidden: set[Cell], lines: Sequence[Sequence[Cell]]) -> list[Cell]:
    """Hidden cells that follow from what is known: the sum of the hidden cells of every line.

    Such a cell is zero in every vector that the sums leave open (the null space).
    """
    order = sorted(hidden)
    place = {cell: at for at, cell in enumerate(order)}
    sums = np.zeros((len(lines), len(order)))
    for row, line in enumerate(lines):
        for cell in line:
            if cell in place:
                sums[row, place[cell]] = 1
    _, sizes, basis = np.linalg.svd(sums, full_matrices=False)
    known = basis[sizes > 1e-9]
    # The part of each unit vector that the known sums span; all of it where its cell is derived.
    spanned = (known**2).sum(axis=0)
    return [cell for cell, part in zip(order, spanned, strict=True) if part > 1 - 1e-9]
