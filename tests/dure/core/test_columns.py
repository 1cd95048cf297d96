"""Columns arrive in PostgreSQL as the values that were sent."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dure.core.bound_cursor import bound_cursor
from dure.core.columns import Column, bigints, integers, uuids

pytestmark = pytest.mark.django_db

WIDE = st.integers(-(1 << 63), (1 << 63) - 1)
NARROW = st.integers(-(1 << 31), (1 << 31) - 1)


def arrived(column: Column, kind: str) -> list[object]:
    with bound_cursor() as cursor:
        # Taken apart by the server, so that it is not merely handed back.
        cursor.execute(
            f"SELECT array_agg(v ORDER BY n) FROM unnest(%s::{kind}[]) WITH ORDINALITY AS c (v, n)",
            [column],
        )
        return cursor.fetchone()[0] or []


@given(st.lists(WIDE), st.lists(NARROW), st.lists(st.uuids()))
def test_what_is_sent_arrives(wide: list[int], narrow: list[int], ids: list[UUID]) -> None:
    assert arrived(bigints(wide), "bigint") == wide
    assert arrived(integers(narrow), "int") == narrow
    assert arrived(uuids(ids), "uuid") == ids


@pytest.mark.parametrize(("column", "bits"), [(integers, 31), (bigints, 63)])
def test_a_number_that_does_not_fit_is_refused_and_not_cut(column: type, bits: int) -> None:
    for number in (1 << bits, -(1 << bits) - 1):
        with pytest.raises(ValueError, match="larger than its column"):
            column([1, number])
