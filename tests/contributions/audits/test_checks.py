"""The audit of the checks says whose records are set aside."""

from __future__ import annotations

import pytest

from contributions.audits.checks import acceptance
from contributions.models import Finding
from contributions.pipeline.stages import check
from tests.cast import joon, mina
from tests.contributions.seoul import air_csv, handed_in, published, twenty_rows
from tests.contributions.test_tests_never_count import sent, trial_program

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


def test_only_rules_that_set_a_record_aside_are_reasons_and_tests_are_none() -> None:
    published()
    good = [f"20261103{hour:02d},강남구,{hour}" for hour in range(9)]
    partly = check(handed_in(joon(), air_csv(*good, "2026110309,010-2345-6789,9999")).id)
    assert set(Finding.objects.values_list("stage", flat=True)) == {"privacy", "quality"}
    assert acceptance().reasons == {"expect_column_values_to_be_between": 1}
    Finding.objects.filter(stage="quality").update(row=0)
    assert acceptance().reasons == {}, "what is said of a whole file sets no record aside"
    Finding.objects.filter(stage="quality").update(row=10)
    Finding.objects.filter(contribution=partly).delete()
    check(sent(trial_program(), air_csv(*good, "2026110309,강남구,9999")).id)
    assert Finding.objects.filter(stage="quality").exists()
    assert acceptance().reasons == {}, "a test is nobody's contribution"
