"""What a release says of its weights: how they were found, and what they hide."""

from __future__ import annotations

import numpy as np
import pytest

from contributions.releases.weights import LARGEST, weigh
from contributions.representativeness.joint import cell_key

TWO = {"district": {"a": 600, "b": 400}, "sex": {"F": 500, "M": 500}}


def masses(count: int) -> np.ndarray:
    return np.full(count, 1000, np.int64)


def test_margins_hold_to_a_billionth_in_the_weights_as_they_are_published() -> None:
    generator = np.random.default_rng(5)
    strata = {
        "district": generator.choice(["a", "b"], 5_000, p=[0.9, 0.1]).tolist(),
        "sex": generator.choice(["F", "M"], 5_000, p=[0.3, 0.7]).tolist(),
    }
    weighed = weigh(strata, masses(5_000), TWO)
    for name, people in TWO.items():
        for key, count in people.items():
            mine = np.array([value == key for value in strata[name]])
            assert weighed.weights[mine].sum() / 5_000 == pytest.approx(count / 1000, abs=1e-9)
    assert float(weighed.document["residual"]) < 1e-9
    assert weighed.document["iterations"] >= 1
    assert weighed.document["bound"] == str(LARGEST)
    assert weighed.document["trims"] == 0


def test_few_records_of_many_people_are_cut_to_the_bound_and_raked_again() -> None:
    # 4 of 104 people in ten thousand records would weigh 12.5 times the mean where they are alone.
    rows = [("a", "F")] * 500 + [("a", "M")] * 488 + [("b", "F")] * 4 + [("b", "M")] * 8
    people = {"district": {"a": 880, "b": 120}, "sex": {"F": 530, "M": 470}}
    strata = {"district": [row[0] for row in rows], "sex": [row[1] for row in rows]}
    weighed = weigh(strata, masses(len(rows)), people)
    if weighed.document["bound"] is not None:
        assert float(weighed.document["largest_weight"]) <= LARGEST * (1 + 1e-5)
    there = np.array([row[0] == "b" for row in rows])
    assert weighed.weights[there].sum() / len(rows) == pytest.approx(0.12, abs=1e-9)
    assert float(weighed.document["design_effect"]) > 1


def test_a_group_of_people_without_a_record_gets_no_weights_and_is_named() -> None:
    strata = {"district": ["a", "a"], "sex": ["F", "M"]}
    weighed = weigh(strata, masses(2), TWO)
    assert np.isnan(weighed.weights).all()
    assert weighed.document == {
        "method": None,
        "reason": "level-without-mass",
        "stratum": {"dimension": "district", "key": "b"},
    }


def test_wrong_combinations_are_told_although_every_margin_holds() -> None:
    strata = {"district": ["a"] * 6 + ["b"] * 4, "sex": ["F"] * 5 + ["M"] * 5}
    people = {cell_key(("a", "F")): 100, cell_key(("a", "M")): 500, cell_key(("b", "F")): 400}
    weighed = weigh(strata, masses(10), TWO, people)
    joint = weighed.document["joint"]
    # Both margins are right already: 5, 1 and 4 records where 1, 5 and 4 (of others) belong.
    assert (joint["cells"], joint["empty"]) == (3, 1)
    assert joint["tvd"] == joint["tvd_weighted"] == "0.800000"
