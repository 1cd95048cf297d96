"""KNN-Shapley against the definition: every coalition, in fractions, ties included."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from math import comb, fsum

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.valuation import knn


def utility(distances: list[int], matches: list[bool], chosen: tuple[int, ...], k: int) -> Fraction:
    """Expected matches among the nearest of the chosen, over k; ties in random order."""
    left, hits = min(k, len(chosen)), Fraction(0)
    for distance in sorted({distances[i] for i in chosen}):
        tied = [i for i in chosen if distances[i] == distance]
        taken = min(left, len(tied))
        hits += Fraction(sum(matches[i] for i in tied) * taken, len(tied))
        left -= taken
    return hits / k


def by_definition(distances: list[int], matches: list[bool], k: int) -> list[Fraction]:
    count = len(distances)
    found = []
    for player in range(count):
        others = [i for i in range(count) if i != player]
        value = Fraction(0)
        for size in range(count):
            for chosen in combinations(others, size):
                gain = utility(distances, matches, (*chosen, player), k) - utility(
                    distances, matches, chosen, k
                )
                value += gain / (count * comb(count - 1, size))
        found.append(value)
    return found


@st.composite
def small_games(draw: st.DrawFn) -> tuple[list[int], list[bool], int]:
    count = draw(st.integers(1, 7))
    distances = draw(st.lists(st.integers(0, 3), min_size=count, max_size=count))
    matches = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    return distances, matches, draw(st.integers(1, 9))


def valued(distances: list[int], matches: list[bool], k: int) -> knn.Floats:
    """Values of records at these distances from one query at the origin."""
    records = np.array(distances, dtype=np.float64)[:, None]
    labels, asked = np.array(matches, dtype=np.int64), np.ones(1, np.int64)
    return knn.values(records, labels, np.zeros((1, 1)), asked, k)


@given(small_games())
def test_values_are_those_of_the_definition_with_ties_and_few_records(
    game: tuple[list[int], list[bool], int],
) -> None:
    distances, matches, k = game
    found = valued(distances, matches, k)
    exact = by_definition(distances, matches, k)
    assert np.allclose(found, [float(value) for value in exact], rtol=0, atol=1e-14)
    assert abs(fsum(found) - float(sum(exact))) < 1e-14


@given(st.integers(0, 2**32 - 1), st.integers(1, 9))
def test_counting_levels_and_sorting_distances_give_the_same_to_the_last_bit(
    seed: int, k: int
) -> None:
    dice = np.random.default_rng(seed)
    records = dice.integers(0, 5, (80, 3)).astype(np.float64)
    queries = dice.integers(0, 5, (40, 3)).astype(np.float64)
    labels, asked = dice.integers(0, 3, 80), dice.integers(0, 4, 40)
    found = {}
    for most in (0, 2):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(knn, "LEVELS_MOST", most)
            found[most] = knn.values(records, labels, queries, asked, k)
    assert np.array_equal(found[0], found[2])


@given(st.integers(0, 2**32 - 1), st.booleans())
def test_the_order_of_rows_changes_nothing_at_all(seed: int, whole: bool) -> None:
    dice = np.random.default_rng(seed)
    records = dice.integers(0, 4, (60, 3)).astype(np.float64) * (1.0 if whole else 0.1)
    labels = dice.integers(0, 2, 60)
    queries = dice.integers(0, 4, (5, 3)).astype(np.float64)
    asked, order = dice.integers(0, 2, 5), dice.permutation(60)
    plain = knn.values(records, labels, queries, asked, 5)
    mixed = knn.values(records[order], labels[order], queries, asked, 5)
    assert np.array_equal(plain[order], mixed)


def test_records_without_ties_take_the_short_way_to_the_same_values() -> None:
    dice = np.random.default_rng(5)
    distances = dice.permutation(7).tolist()
    matches = (dice.random(7) < 0.5).tolist()
    found = valued(distances, matches, 3)
    exact = [float(value) for value in by_definition(distances, matches, 3)]
    assert np.allclose(found, exact, rtol=0, atol=1e-15)


def test_copies_earn_nothing_and_take_nothing_from_others() -> None:
    records, labels = np.array([[0.0], [1.0], [2.0]]), np.array([1, 0, 1])
    queries, asked = np.array([[0.0], [2.0]]), np.array([1, 1])

    def worth(rows: list[int], who: list[str], clusters: list[str]) -> dict[str, float]:
        return knn.shapley(
            records=records[rows],
            labels=labels[rows],
            queries=queries,
            query_labels=asked,
            k=2,
            contributors=who,
            clusters=clusters,
            accepted=list(range(len(rows))),
        )

    honest = worth([0, 1, 2], ["mina", "joon", "hana"], ["a", "b", "c"])
    copied = worth(
        [0, 1, 2, 0, 0], ["mina", "joon", "hana", "copier", "copier"], ["a", "b", "c", "a", "a"]
    )
    assert copied == {**honest, "copier": 0.0}


def test_who_harms_earns_nothing_and_the_rest_never_exceeds_the_amount() -> None:
    shared = knn.shares(1000, {"a": 0.3, "b": -0.5, "c": 0.6})
    assert shared == {"a": 333, "b": 0, "c": 666}
    assert knn.shares(1000, {"a": -1.0}) == {"a": 0}


@pytest.mark.parametrize(
    ("labels", "features", "words"), [(2, 3, "same features"), (3, 2, "has a label")]
)
def test_shapes_that_do_not_fit_are_refused(labels: int, features: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        knn.values(
            np.zeros((2, 2)),
            np.zeros(labels, np.int64),
            np.zeros((1, features)),
            np.zeros(1, np.int64),
            1,
        )
