"""Claims by the handful and by the million come to the same, and nobody waits in a circle."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from contributions.models import Contribution, RecordFingerprint, Stage, State
from contributions.pipeline import claims, clusters
from contributions.pipeline.claims import Claims, copy_in
from contributions.pipeline.endings import Ending
from contributions.pipeline.settled import StageWork
from contributions.pipeline.stages import STEPS, check
from contributions.pipeline.work import run_stage
from contributions.withdrawal.services import withdraw
from tests.cast import actor, joon, mina
from tests.contributions.pipeline import test_one_record_counts_once as once
from tests.contributions.pipeline.test_running_twice import at_once
from tests.contributions.seoul import handed_in, published, twenty_rows

PRINTS = st.integers(0, 5).map(lambda number: number.to_bytes(16, "big"))
ENDS = st.sampled_from([b"\x00", b"\x01", b"\xff"])
MIXED = st.builds(lambda head, end: end * 7 + head[:8] + end, PRINTS, ENDS)
every_story = pytest.mark.django_db(transaction=True)


@given(st.lists(st.one_of(PRINTS, MIXED), max_size=40))
def test_each_fingerprint_is_claimed_once_for_its_first_row(prints: list[bytes]) -> None:
    rows = list(range(3, 3 + len(prints)))
    made = Claims.of(prints, rows)
    first = {each: rows[prints.index(each)] for each in prints}
    assert [bytes(each) for each in made.digests] == sorted(first)
    assert made.rows.tolist() == [first[each] for each in sorted(first)]
    gone = made.rows[::2].tolist()
    left = made.without(gone)
    assert left.rows.tolist() == [row for row in made.rows.tolist() if row not in gone]
    assert left.arrays == [
        [each for each in sorted(first) if first[each] not in gone],
        left.rows.tolist(),
    ]


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three claims are many, and one is a piece of a copy."""
    monkeypatch.setattr(claims, "CARRIED_MAX", 3)
    monkeypatch.setattr(clusters, "CARRIED_MAX", 3)
    monkeypatch.setattr(claims, "PIECE", 7)


@every_story
@pytest.mark.usefixtures("copied")
@pytest.mark.parametrize(
    "story",
    [
        once.test_the_first_to_send_is_the_first_also_when_checked_last,
        once.test_a_part_is_taken_over_with_its_mass_and_strata,
        once.test_a_later_one_that_is_about_to_be_accepted_gives_way_too,
        once.test_whoever_was_second_inherits_what_the_first_takes_back,
        once.test_windows_of_a_feed_overlap_and_only_new_rows_count,
    ],
)
def test_many_are_copied_and_count_as_few_do(story: Callable[[], None]) -> None:
    story()


@every_story
@pytest.mark.usefixtures("copied")
def test_what_was_paid_for_stays_also_among_many(monkeypatch: pytest.MonkeyPatch) -> None:
    once.test_what_an_epoch_has_settled_is_not_taken_over(monkeypatch)


@every_story
def test_a_copy_over_what_somebody_holds_is_refused_whole() -> None:
    published()
    made = check(handed_in(mina(), twenty_rows()).id)
    held = bytes(RecordFingerprint.objects.filter(contribution=made).first().digest)  # type: ignore[union-attr]
    with pytest.raises(IntegrityError), transaction.atomic():
        copy_in(made.call_id, made.id, Claims.of([bytes(16), held], [1, 2]))
    assert RecordFingerprint.objects.count() == 20


def _about_to(stage: Stage) -> Contribution:
    """Mina's file of records that Joon sent before, when a stage is next."""
    check(handed_in(joon(), twenty_rows()).id)
    made = handed_in(mina(), twenty_rows())
    for each in list(Stage)[: list(Stage).index(stage)]:
        run_stage(made.id, STEPS[each])
    return made


def _withdrawing(made: Contribution, began: threading.Event) -> Callable[[], str]:
    """Mina takes it back: she has the clusters of the call, and a worker wants them."""

    def act() -> str:
        with transaction.atomic():
            clusters.hold(made.call_id)
            began.set()
            _until_somebody_waits()
            return str(withdraw(acting=actor(mina()), receipt=made.receipt).state)

    return act


def _until_somebody_waits() -> None:
    for _look in range(400):
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
            )
            if cursor.fetchone()[0]:
                return
        threading.Event().wait(0.05)
    raise AssertionError("nobody waits for the clusters")


def _ending(_contribution: Contribution) -> Any:  # Any: never returns
    raise Ending(State.WITHDRAWN, "consent-withdrawn", purpose="city-ai")


ENDING = StageWork(Stage.REPRESENTATIVENESS, "0", lambda made: made.outcome, lambda _made: _ending)


@every_story
@pytest.mark.parametrize(
    "step", [STEPS[Stage.DUPLICATES], ENDING], ids=["claiming", "giving up what it claimed"]
)
def test_a_worker_and_a_withdrawal_take_their_locks_in_one_order(
    step: StageWork, caplog: pytest.LogCaptureFixture
) -> None:
    published()
    made = _about_to(step.stage)
    if step is ENDING:
        # What it has to give up is what makes it want the clusters.
        RecordFingerprint.objects.filter(contribution__party=joon().party).update(
            contribution=made.id
        )
    began = threading.Event()

    def working(contribution_id: UUID = made.id) -> bool:
        assert began.wait(20)
        return run_stage(contribution_id, step)

    with caplog.at_level(logging.ERROR, logger="contributions"):
        moved, state = at_once(working, _withdrawing(made, began))
    made.refresh_from_db()
    assert (moved, state, made.state) == (False, "withdrawn", "withdrawn")
    assert not caplog.records, "PostgreSQL had to end one of two that waited for each other"
    assert not RecordFingerprint.objects.filter(contribution=made).exists()
