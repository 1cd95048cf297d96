"""Workbooks, archives and hostile files on their way through the stages."""

from __future__ import annotations

import random

import pytest
from django.utils import translation

from contributions.decode.decoder import PEEK_BYTES
from contributions.models import Contribution, State
from contributions.pipeline.stages import check
from contributions.selectors import contribution_document, findings_page
from dure.core.problems import Problem
from tests.cast import mina
from tests.contributions.decode.bombs import BOMBS
from tests.contributions.decode.workbooks import packed, rows, xlsx
from tests.contributions.seoul import handed_in, published, twenty_rows

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_workbook_with_a_title_is_accepted_like_the_same_table_in_text() -> None:
    published()
    table: list[list[str | float]] = [
        list(line.split(",")) for line in twenty_rows().decode().split()
    ]
    done = check(handed_in(mina(), xlsx(rows([["11월 대기질", "", ""], *table]))).id)
    assert (done.state, done.received, done.accepted) == (State.ACCEPTED, 20, 20)
    assert [(each["row"], each["rule"]) for each in findings_page(done)] == [(0, "file.preamble")]


def test_an_archive_of_one_table_is_accepted() -> None:
    published()
    done = check(handed_in(mina(), packed({"air.csv": twenty_rows()})).id)
    assert (done.state, done.accepted) == (State.ACCEPTED, 20)


def test_a_bomb_is_refused_at_the_door() -> None:
    published()
    make, _rules = BOMBS["zip_of_zeros"]
    with pytest.raises(Problem) as caught:
        handed_in(mina(), make())
    assert [error.code for error in caught.value.errors] == ["file.bomb"]
    assert not Contribution.objects.exists()


def test_an_archive_of_two_tables_is_returned_with_a_reason() -> None:
    published()
    # Too large for a verdict at the door: its beginning might be all there is to see.
    noise = random.Random(3).randbytes(PEEK_BYTES)
    made = handed_in(mina(), packed({"a.csv": twenty_rows(), "b.csv": noise}))
    done = check(made.id)
    assert (done.state, done.reason_rule) == (State.RETURNED, "file.archive_members")
    with translation.override("ko"):
        assert "2개" in contribution_document(done)["reason"]
