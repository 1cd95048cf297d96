from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from contributions.representativeness.small_cells import Cell, K, hidden_cells

COUNT = st.one_of(st.just(0), st.integers(0, 30))


@given(st.integers(1, 4), st.integers(2, 5), st.data())
def test_no_small_cell_is_shown_or_follows_from_the_margins(
    rows: int, columns: int, data: st.DataObject
) -> None:
    """An attacker who knows both margins solves the equations; what has one solution is known."""
    grid = list(product(map(str, range(rows)), map(str, range(columns))))
    cells: dict[Cell, int] = {cell: data.draw(COUNT) for cell in grid}
    hidden = hidden_cells(cells)
    assert all(cell in hidden for cell, count in cells.items() if 0 < count < K)
    if not hidden:
        return
    unknown = sorted(hidden)
    equations = np.array(
        [
            [float(cell[axis] == key) for cell in unknown]
            for axis, size in ((0, rows), (1, columns))
            for key in map(str, range(size))
        ]
    )
    rank = np.linalg.matrix_rank(equations)
    for at, cell in enumerate(unknown):
        unit = np.zeros((1, len(unknown)))
        unit[0, at] = 1
        known = np.linalg.matrix_rank(np.vstack([equations, unit])) == rank
        alone = any(
            len([other for other in grid if other[axis] == cell[axis]]) == 1 for axis in (0, 1)
        )
        # A line of one cell is its own margin, which is public.
        assert not known or cells[cell] >= K or not cells[cell] or alone or set(grid) == hidden


def test_a_single_small_cell_takes_the_smallest_of_its_line_with_it() -> None:
    assert hidden_cells({("a",): 3, ("b",): 12, ("c",): 40, ("d",): 0}) == {("a",), ("b",)}


def test_two_small_cells_do_not_hide_one_another() -> None:
    assert hidden_cells({("a",): 3, ("b",): 4, ("c",): 40}) == {("a",), ("b",), ("c",)}


def test_where_few_contribute_not_even_the_empty_cells_show() -> None:
    assert hidden_cells({("a",): 3, ("b",): 0, ("c",): 0}) == {("a",), ("b",), ("c",)}


def test_a_table_of_crowds_and_empty_cells_is_shown_whole() -> None:
    assert hidden_cells({("a",): 10, ("b",): 0}) == set()
    assert hidden_cells({("a", "x"): 10, ("a", "y"): 0, ("b", "x"): 0, ("b", "y"): 99}) == set()


def test_a_hidden_cell_between_two_others_is_not_found_by_going_round() -> None:
    """Every line hides two cells, yet the middle one would follow: a bridge between two rings."""
    cells: dict[Cell, int] = {(row, column): 50 for row in "abcd" for column in "xyzw"}
    for rows, columns in (("ab", "xy"), ("cd", "zw")):
        cells |= {(row, column): 4 for row in rows for column in columns}
    cells["b", "z"] = 5
    hidden = hidden_cells(cells)
    assert len(hidden) > 9
