"""Honest logs, however their processes die, are never taken for attacked ones."""

from __future__ import annotations

import pytest

from tests.benchmarks.honest import honest_runs


@pytest.mark.django_db(transaction=True)
def test_no_alarm_in_honest_runs_with_kills_and_changes_of_the_key() -> None:
    entries, kills, rotations = honest_runs(25, seed=7)
    assert entries > 100
    assert kills > 5
    assert rotations > 0
