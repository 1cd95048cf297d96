"""Identifiers: which say when they were made, and which say nothing."""

from __future__ import annotations

import time
import uuid

from dure.core.ids import new_ordered_id

MS = 1_000_000


def test_an_ordered_id_says_when_it_was_made_and_nothing_else() -> None:
    before = time.time_ns() // MS
    ids = [new_ordered_id() for _ in range(1_000)]
    after = time.time_ns() // MS
    assert {(each.version, each.variant) for each in ids} == {(7, uuid.RFC_4122)}
    moments = [each.int >> 80 for each in ids]
    assert moments == sorted(moments)
    assert before <= moments[0]
    assert moments[-1] <= after
    rest = [each.int & (1 << 62) - 1 for each in ids]
    assert len(set(rest)) == len(ids)
    assert rest != sorted(rest)
