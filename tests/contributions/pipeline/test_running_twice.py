"""A stage may run twice, at the same time, or die in the middle: the effect is one or none."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from contributions.models import Contribution, Stage, StageRun, State
from contributions.pipeline import lease
from contributions.pipeline.stages import STEPS, check
from contributions.pipeline.sweep import end_overdue, purge_leftovers, take_up
from contributions.pipeline.work import StageWork, run_stage
from contributions.selectors import contribution_document
from dure.core.clock import now
from dure.core.models import Blob, OutboxEvent
from tests.cast import joon, mina
from tests.contributions.seoul import handed_in, published, twenty_rows

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*works: Any) -> list[Any]:  # Any: whatever the works return
    """Run works in threads with connections of their own; their results."""
    results: list[Any] = [None] * len(works)

    def run(place: int) -> None:
        try:
            results[place] = works[place]()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_running_every_stage_again_changes_nothing() -> None:
    published()
    made = check(handed_in(mina(), twenty_rows()).id)
    before = (StageRun.objects.count(), OutboxEvent.objects.count(), Blob.objects.count())
    again = check(made.id)
    assert again.updated_at == made.updated_at
    assert (StageRun.objects.count(), OutboxEvent.objects.count(), Blob.objects.count()) == before


def test_two_workers_at_the_same_stage_have_one_effect() -> None:
    published()
    made = handed_in(mina(), twenty_rows())

    def decode() -> bool:
        return run_stage(made.id, STEPS[Stage.DECODE])

    assert sorted(at_once(decode, decode, decode)) == [False, False, True]
    assert StageRun.objects.filter(stage="decode").count() == 1


def test_two_people_with_the_same_records_at_the_same_time_share_them_out_once() -> None:
    published()
    pair = [handed_in(person, twenty_rows()) for person in (mina(), joon())]
    for made in pair:
        for stage in (Stage.DECODE, Stage.PRIVACY, Stage.QUALITY):
            run_stage(made.id, STEPS[stage])

    def duplicates(contribution_id: UUID) -> bool:
        return run_stage(contribution_id, STEPS[Stage.DUPLICATES])

    at_once(*(lambda made=made: duplicates(made.id) for made in pair))
    done = [check(made.id) for made in pair]
    assert sum(each.accepted for each in done) == 20
    assert sum(each.duplicate for each in done) == 20


def failing(step: StageWork) -> StageWork:
    def work(contribution: Contribution) -> Any:  # Any: never returns
        raise RuntimeError("a disk is full")

    return StageWork(step.stage, step.code_version, step.reads, work)


def out_of_lease(made: Contribution) -> None:
    Contribution.objects.filter(pk=made.pk).update(
        lease_until=now() - timedelta(seconds=1), nudged_at=now() - timedelta(minutes=1)
    )


def test_an_internal_error_is_tried_three_times_and_then_ends_with_an_apology() -> None:
    published()
    made = handed_in(mina(), twenty_rows())
    step = failing(STEPS[Stage.DECODE])
    for attempt in (1, 2, 3):
        assert not run_stage(made.id, step)
        made.refresh_from_db()
        assert made.state == (State.CHECKING if attempt < 3 else State.FAILED)
        if attempt < 3:
            assert take_up() == [], "it waits a moment before it is tried again"
            out_of_lease(made)
    assert made.reason_rule == "internal"
    assert "Nothing is wrong with your file" in contribution_document(made)["reason"]


def test_a_stage_that_failed_once_goes_on_where_it_stood() -> None:
    published()
    made = handed_in(mina(), twenty_rows())
    run_stage(made.id, STEPS[Stage.DECODE])
    run_stage(made.id, failing(STEPS[Stage.PRIVACY]))
    out_of_lease(made)
    assert take_up() == [(made.id, "privacy")]
    assert take_up() == [], "it is told of once, not by every sweep"
    assert check(made.id).state == State.ACCEPTED


def test_a_worker_that_dies_at_a_stage_three_times_ends_it_too() -> None:
    published()
    made = handed_in(mina(), twenty_rows())
    Contribution.objects.filter(pk=made.pk).update(state="checking", attempts=3)
    run_stage(made.id, STEPS[Stage.DECODE])
    made.refresh_from_db()
    assert (made.state, made.reason_rule) == ("failed", "internal")


def test_a_worker_whose_lease_ran_out_no_longer_settles_anything() -> None:
    published()
    made = handed_in(mina(), twenty_rows())
    step = STEPS[Stage.DECODE]

    def slow(contribution: Contribution) -> Any:  # Any: the step's own
        settle = step.work(contribution)
        out_of_lease(contribution)
        assert run_stage(contribution.id, step), "another worker takes over"
        return settle

    assert not run_stage(made.id, StageWork(step.stage, step.code_version, step.reads, slow))
    assert StageRun.objects.count() == 1
    assert check(made.id).accepted == 20


def test_a_long_stage_keeps_its_lease_while_the_worker_lives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lease, "LEASE_S", 0.3)
    monkeypatch.setattr(lease, "RENEWAL_S", 0.05)
    published()
    made = handed_in(mina(), twenty_rows())
    step = STEPS[Stage.DECODE]
    began, others = threading.Event(), threading.Event()

    def slow(contribution: Contribution) -> Any:  # Any: the step's own
        began.set()
        assert others.wait(20)
        return step.work(contribution)

    def impatient() -> bool:
        assert began.wait(20)
        results = []
        for _look in range(8):
            threading.Event().wait(0.1)
            results.append(run_stage(made.id, step))
        others.set()
        return any(results)

    long = StageWork(step.stage, step.code_version, step.reads, slow)
    assert at_once(lambda: run_stage(made.id, long), impatient) == [True, False]


def test_what_is_overdue_ends_as_failed() -> None:
    published()
    made = handed_in(mina(), twenty_rows())
    Contribution.objects.filter(pk=made.pk).update(deadline_at=now())
    assert end_overdue() == 1
    assert end_overdue() == 0
    made.refresh_from_db()
    assert (made.state, made.reason_rule) == ("failed", "deadline")


def test_a_purge_that_did_not_happen_is_made_up_for() -> None:
    published()
    made = check(handed_in(mina(), twenty_rows()).id)
    assert made.source_id is not None
    Blob.objects.filter(pk=made.source_id).update(purged_at=None)
    assert purge_leftovers() == 1
    assert purge_leftovers() == 0
