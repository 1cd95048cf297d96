"""How well the checks that a call can declare find faults whose place is known."""

from __future__ import annotations

import numpy as np
import pytest

from contributions.quality.plausibility import in_contradiction, in_copied_blocks, in_long_runs
from tests.contributions.dirty.city import KINDS, Dirty, clean, dirty
from tests.contributions.dirty.judging import found, measure

SEEDS = (1, 2, 3, 4)
#: (precision, recall) that every seed reaches; measured, with a margin below. A value of -999 is
#: below its finer part too, so that the check of swapped columns finds impossible rows as well.
FLOORS = dict.fromkeys(KINDS, (0.97, 0.97)) | {
    "swapped": (0.70, 0.97),
    "fabricated": (0.90, 0.80),
}


@pytest.mark.parametrize("seed", SEEDS)
def test_each_kind_of_fault_is_found_as_well_as_was_measured(seed: int) -> None:
    for kind, measured in measure(dirty(seed)).items():
        precision, recall = FLOORS[kind]
        assert measured.faults >= 30, kind
        assert measured.precision >= precision, (kind, measured)
        assert measured.recall >= recall, (kind, measured)


def test_the_same_seed_is_the_same_city_and_another_is_another() -> None:
    first, again, other = dirty(7), dirty(7), dirty(8)
    assert first.frame.equals(again.frame)
    assert all((first.truth[kind] == again.truth[kind]).all() for kind in KINDS)
    assert not first.frame.equals(other.frame)


def test_a_row_has_at_most_one_fault() -> None:
    truth = dirty(3).truth
    assert set(truth) == set(KINDS)
    assert np.sum([truth[kind] for kind in KINDS], axis=0).max() == 1


def test_of_clean_measurements_hardly_a_row_is_suspected() -> None:
    frame = clean(np.random.default_rng(5))
    nothing = {kind: np.zeros(len(frame), np.bool_) for kind in KINDS}
    suspected = found(Dirty(frame, nothing))
    assert sum(int(rows.sum()) for rows in suspected.values()) <= len(frame) // 1000


def test_a_run_is_suspected_from_its_length_on_and_gaps_end_it() -> None:
    values = np.array([1, 1, 1, 2, 2, np.nan, np.nan, np.nan, 3], float)
    assert in_long_runs(values, 3).tolist() == [True] * 3 + [False] * 6
    assert not in_long_runs(values, 4).any()
    assert in_long_runs(np.array([]), 2).tolist() == []


def test_the_copy_of_a_block_is_suspected_and_its_original_is_not() -> None:
    rng = np.random.default_rng(1)
    values = rng.uniform(0, 100, 100)
    values[60:75] = values[20:35] + rng.uniform(-0.1, 0.1, 15)
    found_rows = in_copied_blocks(values, 12, 0.2)
    assert np.nonzero(found_rows)[0].tolist() == list(range(60, 75))
    assert not in_copied_blocks(values, 16, 0.2).any()
    assert not in_copied_blocks(values, 12, 0.2, farthest=39).any()
    # What stays nearly level repeats itself without anybody's doing.
    assert not in_copied_blocks(np.tile([5.0, 5.1], 40), 12, 0.2).any()


def test_rows_of_one_key_contradict_each_other_only_by_values_that_are_there() -> None:
    keys, values = np.array([0, 0, 1, 1, 2, 2, 2]), np.array([5, 5, 6, 7, 8, -1, 8])
    assert in_contradiction(keys, values).tolist() == [
        False, False, True, True, False, False, False,
    ]  # fmt: skip
