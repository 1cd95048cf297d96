"""A bulk posting takes all of the machine, or one processor while somebody else pays."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, BrokenBarrierError
from uuid import UUID

import pytest
from django.db import connection, connections

from dure.core.clock import now
from dure.core.money import SUB_UNITS
from rewards.ledger.bulk import steps
from rewards.ledger.bulk.turns import RECENT, Turns, others_post
from rewards.ledger.writing import first_id, new_ids
from rewards.models import BulkBatch
from tests.clock import set_clock
from tests.rewards.ledger.bulk import ordered, people, purse
from tests.rewards.money import CLERK, pay

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch) -> BulkBatch:
    """A batch of two chunks whose shares stand; nobody else has paid for an hour."""
    batch = ordered(dict.fromkeys(people(5), 1), 5 * SUB_UNITS, purse(5))
    set_clock(monkeypatch, now() + timedelta(hours=1))
    steps.freeze(acting=CLERK, batch_id=batch.id)
    batch.refresh_from_db()
    return batch


def test_the_reserve_of_the_batch_itself_is_nobody_elses_transfer(frozen: BulkBatch) -> None:
    assert not others_post(_reserve(frozen))
    assert others_post()


def test_who_has_just_paid_is_seen_for_two_seconds(
    frozen: BulkBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid = now()
    pay(purse(1), purse(0), 1)
    set_clock(monkeypatch, paid + RECENT)
    assert others_post(_reserve(frozen))
    set_clock(monkeypatch, paid + RECENT + timedelta(milliseconds=1))
    assert not others_post(_reserve(frozen))


@pytest.mark.parametrize("somebody_pays", [False, True])
def test_parts_work_side_by_side_until_somebody_pays(
    frozen: BulkBatch, somebody_pays: bool
) -> None:
    if somebody_pays:
        pay(purse(1), purse(0), 1)
    turns, both = Turns(frozen), Barrier(2)

    def part(_: int) -> bool:
        """Whether another part was at work meanwhile."""
        try:
            with turns.taken() as alone:
                assert alone is somebody_pays
                both.wait(1)
        except BrokenBarrierError:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(part, range(2))) == [not somebody_pays] * 2


def test_what_one_part_asks_of_the_server_is_forgotten_afterwards(frozen: BulkBatch) -> None:
    asked = ("max_parallel_maintenance_workers", "max_parallel_workers_per_gather", "work_mem")
    usual = [_setting(name) for name in asked]
    for place in range(2):
        steps.load(batch_id=frozen.id, place=place)
    steps.index(batch_id=frozen.id, alone=True)
    assert [_setting(name) for name in asked] == usual


def test_the_first_id_of_a_moment_stands_between_earlier_and_later_ones() -> None:
    moment = now()
    earlier, later = (new_ids(moment + timedelta(milliseconds=ms), 50) for ms in (-1, 0))
    assert max(earlier) < first_id(moment) < min(later)


def _reserve(batch: BulkBatch) -> UUID:
    assert batch.reserve_id is not None
    return batch.reserve_id


def _setting(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [name])
        row = cursor.fetchone()
    return str(row[0]) if row else ""
