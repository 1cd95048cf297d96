"""Small contributions that wait for one call are checked in one go, each as if alone."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError
from pytest_django import DjangoAssertNumQueries

from contributions.calls.services import draft_call, publish_call, register_reference
from contributions.models import Contribution, Finding, Stage, StageRun, State, StratumMass
from contributions.pipeline import lease, privacy, together, writing
from contributions.pipeline.settled import StageWork
from contributions.pipeline.stages import STEPS, check
from contributions.pipeline.tasks import go_on_after_the_dead
from contributions.pipeline.together import check_together, let_go_abandoned
from dure.core.blobs import path_of, store_all, store_bytes
from dure.core.models import Blob, OutboxEvent
from governance.models import LogEntry
from tests.cast import actor, joon, kang, lim, mina
from tests.contributions.pipeline.test_running_twice import at_once
from tests.contributions.seoul import AIR, REFERENCE, air_csv, handed_in, published, twenty_rows

pytestmark = pytest.mark.django_db(transaction=True)

#: Passes for a table at the door, and is none.
UNREADABLE = b"PK\x03\x04 no archive"
#: Files of one feed in the order of their coming, and who sends them.
FILES: list[tuple[str, bytes]] = [
    ("mina", twenty_rows("20261101")),
    ("joon", twenty_rows("20261102")),
    ("mina", twenty_rows("20261101")),  # a repeat of her own
    ("joon", air_csv("2026110100,종로구,1", "2026110200,종로구,2", "2026110300,종로구,3")),
    ("mina", air_csv(*(f"20261104{h:02d},종로구,{h}" for h in range(9)), "2026110409,종로구,-5")),
    ("mina", air_csv("2026110500,종로구,-1", "2026110501,종로구,2")),  # over tolerance
    ("joon", air_csv(*(f"20261106{h:02d},도봉구," for h in range(5)))),  # all warnings
    ("joon", air_csv(*(f"20261107{h:02d},강남구,12.50" for h in range(5)), "x")),  # a ragged row
    ("mina", air_csv("2026110800,강남구,주민 900101-1234568")),  # refused
    ("mina", "측정일시,측정소명,PM10\n2026110900,강남구,7\n".encode("cp949")),
    ("joon", air_csv("2026111000,어딘가,7", "2026111000,어딘가,7")),  # unmapped, twice
    ("joon", UNREADABLE),
    ("mina", air_csv("2026111200,종로구,9")),
]  # fmt: skip


def what_came_of(contribution_id: UUID) -> dict[str, Any]:  # Any: facts of many types
    """Everything that is known of a contribution but names, places and times."""
    made = Contribution.objects.get(id=contribution_id)
    columns = (
        "state", "stage", "reason_rule", "reason_params", "received", "accepted", "quarantined",
        "duplicate", "mass", "quality_score", "checks", "unmapped", "findings_total", "claim",
        "lease_until",
    )  # fmt: skip
    runs = StageRun.objects.filter(contribution=made).order_by("id")
    found = Finding.objects.filter(contribution=made).order_by("id")
    masses = StratumMass.objects.filter(contribution=made).order_by("dimension", "key")
    return {
        **{name: getattr(made, name) for name in columns},
        "runs": list(runs.values_list("stage", "code_version", "counts", "output_sha256")),
        "findings": list(found.values_list("stage", "row", "column", "rule", "params")),
        "masses": list(masses.values_list("dimension", "key", "mass")),
        "events": list(
            OutboxEvent.objects.filter(subject=made.receipt)
            .order_by("created_at", "kind")
            .values_list("kind", flat=True)
        ),
        "entries": sorted(
            entry.kind
            for entry in LogEntry.objects.all()
            if made.receipt.encode() in bytes(entry.body)
        ),
        "files": [
            blob is not None and Blob.objects.get(id=blob).purged_at is None
            for blob in (made.source_id, made.records_id, made.outcome_id)
        ],
    }


def handed_in_to(slug: str) -> list[UUID]:
    people = {"mina": mina(), "joon": joon()}
    made = []
    for name, data in FILES:
        sent = air_csv("2026111100,강남구,1") if data is UNREADABLE else data
        made.append(handed_in(people[name], sent, slug=slug).id)
        if data is UNREADABLE:
            blob = store_bytes(data, owner=people[name].party_id)
            Contribution.objects.filter(id=made[-1]).update(source=blob)
    return made


def test_together_each_comes_to_what_it_would_have_come_to_alone() -> None:
    register_reference(acting=actor(kang()), document=REFERENCE)
    for slug in ("one-by-one", "together"):
        call = draft_call(acting=actor(kang()), document={**AIR, "slug": slug})
        publish_call(acting=actor(kang()), slug=call.slug)
        publish_call(acting=actor(lim()), slug=call.slug)
    alone, joined = handed_in_to("one-by-one"), handed_in_to("together")
    for each in alone:
        check(each)
    assert check_together(joined[-1]) == []
    for number, (one, other) in enumerate(zip(alone, joined, strict=True)):
        assert what_came_of(one) == what_came_of(other), FILES[number]
    states = {what_came_of(each)["state"] for each in joined}
    assert states == {"accepted", "returned", "rejected"}


def test_joined_contributions_share_their_statements(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    published()
    waiting = [handed_in(mina(), twenty_rows(f"202611{day:02d}")).id for day in range(10, 30)]
    with django_assert_max_num_queries(60):
        check_together(waiting[7])
    assert Contribution.objects.filter(state=State.ACCEPTED, accepted=20).count() == 20
    with django_assert_max_num_queries(3):
        assert check_together(waiting[3]) == [], "its message comes late and finds it done"


def test_one_small_contribution_takes_nineteen_statements(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    """From claim to acceptance, transaction included: what a worker's speed is made of."""
    published()
    first, second = (handed_in(mina(), twenty_rows(f"202611{day}")).id for day in (10, 11))
    check_together(first, limit=1)
    with django_assert_num_queries(19):
        check_together(second, limit=1)
    assert Contribution.objects.filter(state=State.ACCEPTED, accepted=20).count() == 2


def broken(monkeypatch: pytest.MonkeyPatch, stage: Stage, contribution_id: UUID) -> None:
    """A stage that fails for one contribution."""
    if stage == Stage.PRIVACY:
        scanned = privacy.scanned

        def scan(contribution: Contribution, worth: Any = None) -> Any:  # Any: the gate's own
            if contribution.id == contribution_id:
                raise RuntimeError("a disk is full")
            return scanned(contribution, worth)

        monkeypatch.setattr(privacy, "scanned", scan)
        return
    step = STEPS[stage]

    def work(contribution: Contribution) -> Any:  # Any: the step's own
        if contribution.id == contribution_id:
            raise RuntimeError("a disk is full")
        return step.work(contribution)

    monkeypatch.setitem(STEPS, stage, StageWork(stage, step.code_version, step.reads, work))


@pytest.mark.parametrize("stage", [Stage.DECODE, Stage.PRIVACY, Stage.DUPLICATES])
def test_one_that_fails_goes_on_alone_and_takes_nobody_down(
    monkeypatch: pytest.MonkeyPatch, stage: Stage
) -> None:
    published()
    waiting = [handed_in(mina(), twenty_rows(f"202611{day:02d}")).id for day in range(10, 14)]
    broken(monkeypatch, stage, waiting[1])
    assert check_together(waiting[0]) == [waiting[1]]
    left = Contribution.objects.get(id=waiting[1])
    assert (left.state, left.stage, left.attempts, left.claim) == ("checking", "decode", 1, None)
    assert check_together(waiting[1]) == [], "it never meets others again"
    assert Contribution.objects.filter(state=State.ACCEPTED).count() == 3
    monkeypatch.undo()
    assert check(waiting[1]).state == State.ACCEPTED


@pytest.mark.parametrize("place", ["write", "_count"])
def test_a_transaction_that_fails_leaves_nothing_and_all_go_on_alone(
    monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    published()
    waiting = [handed_in(mina(), twenty_rows(f"202611{day:02d}")).id for day in range(10, 14)]
    before = (LogEntry.objects.count(), OutboxEvent.objects.count(), Blob.objects.count())
    real, done = getattr(together, place), []

    def refuse(*arguments: Any) -> None:  # Any: whatever it takes
        real(*arguments)
        done.append(arguments)
        raise IntegrityError("refused")

    monkeypatch.setattr(together, place, refuse)
    stored: list[Any] = []  # Any: blobs not stored yet

    def store(wanted: Any) -> None:  # Any: the same
        stored.extend(wanted)
        store_all(wanted)

    monkeypatch.setattr(writing, "store_all", store)
    assert sorted(check_together(waiting[0])) == sorted(waiting)
    assert done
    assert before == (LogEntry.objects.count(), OutboxEvent.objects.count(), Blob.objects.count())
    assert not [each for each in stored if path_of(each.blob.id).exists()]
    assert not StageRun.objects.exists()
    for each in waiting:
        assert check(each).accepted == 20


def test_two_workers_at_once_take_each_contribution_once() -> None:
    published()
    waiting = [handed_in(mina(), twenty_rows(f"202611{day:02d}")).id for day in range(10, 22)]
    works = [lambda each=each: check_together(each, limit=3) for each in waiting]
    assert at_once(*works) == [[]] * 12
    assert Contribution.objects.filter(state=State.ACCEPTED, accepted=20).count() == 12
    assert StageRun.objects.count() == 12 * 5


def test_one_that_its_owner_stopped_meanwhile_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    published()
    waiting = [handed_in(mina(), twenty_rows(f"202611{day:02d}")).id for day in range(10, 13)]
    find = together._find_repeats

    def stop_one(ways: Any) -> None:  # Any: private to the module
        find(ways)
        Contribution.objects.filter(id=waiting[0]).update(
            state=State.WITHDRAWN, reason_rule="withdrawn", claim=None
        )

    monkeypatch.setattr(together, "_find_repeats", stop_one)
    assert check_together(waiting[2]) == []
    assert Contribution.objects.get(id=waiting[0]).accepted == 0
    assert Contribution.objects.filter(state=State.ACCEPTED).count() == 2


def test_large_corrected_and_packed_files_go_their_own_way() -> None:
    published()
    rows = [f"2026{n:06d},종로구,{n % 90}" for n in range(6_000)]
    large = handed_in(mina(), air_csv(*rows)).id
    packed = handed_in(mina(), twenty_rows(), filename="air.xlsx").id
    tried = handed_in(mina(), twenty_rows("20261102")).id
    Contribution.objects.filter(id=tried).update(attempts=1)
    for each in (large, packed, tried):
        assert not together.is_fit(each)
        assert check_together(each) == []
    assert not StageRun.objects.exists()


def claim_of_the_dead() -> UUID:
    """A claim that a process of this machine made before it ended."""
    code = "import django; django.setup()\nfrom contributions.pipeline import lease\n"
    done = subprocess.run(
        [sys.executable, "-c", code + "print(lease.new_claim())"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "dure.settings"},
    )
    return UUID(done.stdout.split()[-1])


def test_what_a_dead_worker_held_is_taken_up_at_once_and_what_a_living_one_holds_is_not() -> None:
    published()
    ours, theirs, elsewhere = (
        handed_in(mina(), twenty_rows(f"202611{day:02d}")).id for day in range(10, 13)
    )
    dead = claim_of_the_dead()
    other_machine = UUID(bytes=b"other!" + dead.bytes[6:])
    for contribution_id, claim in (
        (ours, lease.new_claim()),
        (theirs, dead),
        (elsewhere, other_machine),
    ):
        Contribution.objects.filter(id=contribution_id).update(
            state="checking", claim=claim, attempts=1, lease_until="2099-01-01T00:00:00Z"
        )
    assert lease.is_abandoned(dead)
    assert not lease.is_abandoned(other_machine)
    assert not lease.is_abandoned(None)
    assert check(ours).state == check(elsewhere).state == State.CHECKING
    assert let_go_abandoned() == [(theirs, "decode")]
    assert let_go_abandoned() == []
    go_on_after_the_dead()
    assert check(theirs).state == State.ACCEPTED


def test_a_stage_takes_over_from_a_dead_worker_without_waiting_for_its_lease() -> None:
    published()
    made = handed_in(mina(), twenty_rows())
    Contribution.objects.filter(id=made.id).update(
        state="checking", claim=claim_of_the_dead(), attempts=1,
        lease_until="2099-01-01T00:00:00Z",
    )  # fmt: skip
    assert check(made.id).state == State.ACCEPTED
