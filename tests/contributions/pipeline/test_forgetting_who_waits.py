"""Who waits behind a record that is settled for good waits for nothing, and is forgotten."""

from __future__ import annotations

import pytest

from contributions.models import Contribution, RecordFingerprint, State, WaitingRecord
from contributions.pipeline.stages import check
from contributions.pipeline.tasks import tidy
from contributions.pipeline.waiting import forget_waiting
from contributions.withdrawal.services import withdraw
from tests.cast import actor, charlie, joon, mina
from tests.contributions.pipeline.test_one_record_counts_once import counts, settle
from tests.contributions.seoul import handed_in, published, twenty_rows

pytestmark = pytest.mark.django_db(transaction=True)


def three() -> list[Contribution]:
    """Three people with the same records: the first has them, the others wait."""
    published()
    made = [check(handed_in(who, twenty_rows()).id) for who in (mina(), joon(), charlie())]
    assert WaitingRecord.objects.count() == 40
    return made


def test_while_the_owner_may_still_leave_everybody_waits() -> None:
    first, second, _third = three()
    assert forget_waiting() == 0
    withdraw(acting=actor(mina()), receipt=first.receipt)
    assert counts(second) == (20, 0), "whoever waited inherits"
    assert forget_waiting() == 0
    assert WaitingRecord.objects.count() == 20


def test_behind_a_settled_owner_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    first, *_others = three()
    settle(monkeypatch, first)
    tidy()
    assert not WaitingRecord.objects.exists()
    assert RecordFingerprint.objects.filter(contribution=first).count() == 20
    assert forget_waiting() == 0


def test_a_settled_one_does_not_wait_any_more_and_the_next_inherits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second, third = three()
    settle(monkeypatch, second)
    assert forget_waiting() == 20
    withdraw(acting=actor(mina()), receipt=first.receipt)
    assert counts(third) == (20, 0)


def test_one_that_came_to_another_end_is_forgotten() -> None:
    _first, second, _third = three()
    Contribution.objects.filter(id=second.id).update(state=State.WITHDRAWN, reason_rule="withdrawn")
    assert forget_waiting() == 20
    assert not WaitingRecord.objects.filter(contribution=second).exists()
