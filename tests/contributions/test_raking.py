from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contributions.raking import CannotRake, rake

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
