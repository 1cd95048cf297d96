"""A bulk posting happens once: killed at any step, run twice at once, beside other people."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from django.db import connection, connections

from dure.core.money import SUB_UNITS
from rewards.ledger.bulk import folding, job
from rewards.ledger.integrity import check_ledger
from rewards.models import BulkBatch, BulkState
from tests.rewards.ledger.bulk import ordered, people, purse
from tests.rewards.ledger.crashes import STEPS, dying_at, kill_me
from tests.rewards.money import CLERK, pay, units

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def _short_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lease that is over at once, so that copies do meet."""
    monkeypatch.setattr(job, "LEASE_S", 0)


@pytest.mark.usefixtures("_short_lease")
def test_killed_at_any_step_before_or_after_its_commit_it_happens_once() -> None:
    accounts = people(10)
    before = 0
    for step in STEPS:
        for committed in (False, True):
            source = purse(20)
            batch = ordered(dict.fromkeys(accounts, 1), 20 * SUB_UNITS, source)
            dying_at(step, committed=committed, batch_id=batch.id, kill=kill_me)
            batch.refresh_from_db()
            there = {units(account) - before for account in accounts}
            whole = (step, committed) == ("publish", True)
            assert there == ({2} if whole else {0}), (step, committed)
            assert (batch.state == BulkState.POSTED) is whole
            if step == "load":
                assert batch.rows_done == (8 if committed else 4)
            job.run(acting=CLERK, batch_id=batch.id)
            assert not job.run(acting=CLERK, batch_id=batch.id)
            before += 2
            assert {units(account) for account in accounts} == {before}, (step, committed)
            assert units(source) == 0
    assert BulkBatch.objects.filter(state=BulkState.POSTED).count() == 10
    assert check_ledger()["ok"] is True


def test_a_living_job_keeps_copies_away_and_a_dead_one_only_for_seconds() -> None:
    batch = ordered(dict.fromkeys(people(3), 1), 3 * SUB_UNITS, purse(3))
    dying_at("freeze", committed=True, batch_id=batch.id, kill=kill_me)
    assert not job.run(acting=CLERK, batch_id=batch.id)
    batch.refresh_from_db()
    assert batch.claimed_until is not None
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s - now() <= interval '20 seconds'", [batch.claimed_until])
        assert cursor.fetchone() == (True,)
    BulkBatch.objects.update(claimed_until=None)  # as time does
    assert job.run(acting=CLERK, batch_id=batch.id)
    batch.refresh_from_db()
    assert batch.state == BulkState.POSTED


@pytest.mark.usefixtures("_short_lease")
def test_two_copies_at_once_and_people_who_pay_meanwhile() -> None:
    accounts = people(40)
    source, spender = purse(400), purse(1_000)
    batch = ordered(dict.fromkeys(accounts, 1), 400 * SUB_UNITS, source)
    over = Event()

    def copy() -> None:
        try:
            job.run(acting=CLERK, batch_id=batch.id)
        finally:
            connections.close_all()

    def payments() -> int:
        done = 0
        try:
            while not over.is_set() or done < 3:
                pay(spender, accounts[done % 40], 1)
                done += 1
        finally:
            connections.close_all()
        return done

    def background() -> None:
        try:
            while not over.is_set():
                folding.fold_some(acting=CLERK, slices=1)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        paying, folding_ = pool.submit(payments), pool.submit(background)
        copies = [pool.submit(copy) for _ in range(2)]
        for future in copies:
            future.result(60)
        over.set()
        paid = paying.result(60)
        folding_.result(60)
    batch.refresh_from_db()
    assert (batch.state, batch.rows_done, units(source)) == (BulkState.POSTED, 40, 0)
    assert sum(units(account) for account in accounts) == 400 + paid
    assert check_ledger()["ok"] is True


def test_a_database_killed_on_the_way_is_taken_up_where_it_was(tmp_path: Path) -> None:
    """On a server of its own, which takes most of the seconds of this test."""
    environment = {k: v for k, v in os.environ.items() if k != "DURE_DATABASE_URL"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.rewards.ledger.killed_server"],
        env={**environment, "DURE_VAR": str(tmp_path / "var"), "DURE_NUDGE": "False"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    for killed in found:
        assert killed["before"] == [0], killed
        assert killed["state_after_restart"] in ("loading", "sealed"), killed
        assert killed["rows_after_restart"] == killed["expected_rows"], killed
        assert (killed["state"], killed["after"], killed["ok"]) == ("posted", [2], True), killed
