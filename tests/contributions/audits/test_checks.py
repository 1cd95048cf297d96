"""The audit of the checks says whose records are set aside."""

from __future__ import annotations

import pytest

from contributions.audits.checks import acceptance
from contributions.pipeline.stages import check
from tests.cast import joon, mina
from tests.contributions.seoul import air_csv, handed_in, published, twenty_rows

pytestmark = pytest.mark.django_db(transaction=True)


def test_set_aside_records_are_counted_by_group() -> None:
    published()
    check(handed_in(mina(), twenty_rows()).id)
    bad = [f"20261103{hour:02d},강남구,{hour}" for hour in range(9)] + ["2026110309,강남구,9999"]
    partly = check(handed_in(joon(), air_csv(*bad)).id)
    assert (partly.accepted, partly.quarantined) == (9, 1)
    shares = [each for each in acceptance().shares if each.dimension == "sex"]
    assert {each.name for each in shares} == {"set-aside"}
    assert sum(each.part for each in shares) == 1
    assert sum(each.whole for each in shares) == 30
