from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contributions.raking import CannotRake, rake, rake_bounded, weigh_rows

COUNT = st.integers(1, 1000)


@given(
    st.lists(st.lists(COUNT, min_size=4, max_size=4), min_size=3, max_size=3),
    st.lists(st.lists(COUNT, min_size=4, max_size=4), min_size=3, max_size=3),
)
def test_every_margin_holds_and_the_odds_of_the_data_stay(
    mass: list[list[int]], people: list[list[int]]
) -> None:
    cells, population = np.array(mass, float), np.array(people, float)
    raked = rake(cells, [population.sum(axis=1), population.sum(axis=0)])
    np.testing.assert_allclose(raked.cells.sum(axis=1), population.sum(axis=1), rtol=1e-10)
    np.testing.assert_allclose(raked.cells.sum(axis=0), population.sum(axis=0), rtol=1e-10)

    # What fitting to margins keeps, and what makes its solution the only one.
    def odds(table: np.ndarray) -> np.ndarray:
        return np.asarray(table[1:, 1:] * table[:1, :1] / (table[1:, :1] * table[:1, 1:]))

    np.testing.assert_allclose(odds(raked.cells), odds(cells), rtol=1e-8)
    np.testing.assert_allclose(raked.weights * cells, raked.cells, rtol=1e-12)
    assert 0 < raked.effective_share <= 1 + 1e-9
    assert raked.largest_weight >= 1 - 1e-9


def test_one_dimension_is_plain_post_stratification() -> None:
    raked = rake([10.0, 30.0], [[50.0, 50.0]])
    assert raked.weights.tolist() == [5.0, 50.0 / 30.0]
    assert raked.effective_share == pytest.approx(0.75)


def test_what_cannot_be_raked_honestly_is_refused() -> None:
    with pytest.raises(CannotRake, match="totals-differ"):
        rake([[1, 1], [1, 1]], [[1, 1], [1, 2]])
    with pytest.raises(CannotRake, match="level-without-mass") as caught:
        rake([[1, 0], [1, 0]], [[1, 1], [1, 1]])
    assert caught.value.params == {"dimension": 1, "level": 1}
    with pytest.raises(CannotRake, match="not-converged"):
        rake([[1, 0], [0, 1]], [[1, 3], [3, 1]], iterations_max=50)
    with pytest.raises(ValueError, match="negative"):
        rake([[-1, 1], [1, 1]], [[1, 1], [1, 1]])


def test_a_level_without_people_and_mass_is_no_obstacle() -> None:
    raked = rake([[2, 0], [2, 0]], [[3, 1], [4, 0]])
    assert raked.cells.tolist() == [[3.0, 0.0], [1.0, 0.0]]


TABLES = st.lists(st.lists(COUNT, min_size=3, max_size=3), min_size=3, max_size=3)


def minimum_divergence(cells: np.ndarray, margins: list[np.ndarray]) -> np.ndarray:
    """The same table by another road: Newton's method on the dual of least Kullback-Leibler
    divergence (weights exp(a_i + b_j)), with none of the sweeps of iterative fitting.
    """
    rows, columns = cells.shape
    design = np.zeros((cells.size, rows + columns))
    for place in range(cells.size):
        design[place, place // columns] = design[place, rows + place % columns] = 1
    wanted = np.concatenate(margins)
    dual = np.full(rows + columns, np.log(margins[0].sum() / cells.sum()) / 2)
    base = cells.ravel()

    def loss(at: np.ndarray) -> float:
        return float((base * np.exp(design @ at)).sum() - wanted @ at)

    for _ in range(200):
        fitted = base * np.exp(design @ dual)
        gradient = design.T @ fitted - wanted
        step = np.linalg.lstsq(design.T @ (design * fitted[:, None]), gradient, rcond=1e-12)[0]
        size = 1.0
        while size > 1e-6 and loss(dual - size * step) > loss(dual) + 1e-9:
            size /= 2
        dual = dual - size * step
        if np.abs(gradient).max() < 1e-9 * wanted.max():
            break
    return np.asarray((base * np.exp(design @ dual)).reshape(cells.shape))


@given(TABLES, TABLES)
def test_another_road_to_the_same_weights_ends_at_the_same_place(
    mass: list[list[int]], people: list[list[int]]
) -> None:
    cells, population = np.array(mass, float), np.array(people, float)
    margins = [population.sum(axis=1), population.sum(axis=0)]
    raked = rake(cells, margins)
    assert raked.residual < 1e-9
    np.testing.assert_allclose(raked.cells, minimum_divergence(cells, margins), rtol=1e-6)


@given(TABLES, TABLES, st.floats(1, 4))
def test_bounded_weights_keep_both_promises_or_are_refused(
    mass: list[list[int]], people: list[list[int]], largest: float
) -> None:
    cells, population = np.array(mass, float), np.array(people, float)
    margins = [population.sum(axis=1), population.sum(axis=0)]
    try:
        raked = rake_bounded(cells, margins, largest=largest, trims_max=30)
    except CannotRake:
        return  # which bounds are out of reach, another test says
    assert raked.largest_weight <= largest * (1 + 1e-6)
    for axis, margin in enumerate(margins):
        np.testing.assert_allclose(raked.cells.sum(axis=1 - axis), margin, rtol=1e-9)
    np.testing.assert_allclose(raked.weights * cells, raked.cells, rtol=1e-12)


def test_a_bound_that_no_weights_can_keep_is_refused() -> None:
    with pytest.raises(CannotRake, match="bound-too-tight"):
        rake_bounded([90.0, 10.0], [[10.0, 90.0]], largest=2)
    assert rake_bounded([90.0, 10.0], [[10.0, 90.0]], largest=9).trims == 0


def test_rows_get_the_weight_of_their_cell_times_their_own_mass() -> None:
    codes = [np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])]
    mass = np.array([1.0, 0.5, 0.25, 1.0])
    weights, raked = weigh_rows(codes, [[30.0, 70.0], [40.0, 60.0]], mass=mass)
    assert weights[:2].sum() == pytest.approx(30, rel=1e-9)
    assert weights[[0, 2]].sum() == pytest.approx(40, rel=1e-9)
    np.testing.assert_allclose(raked.cells.ravel(), weights, rtol=1e-12)
