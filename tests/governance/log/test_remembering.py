"""Sums kept until the log moves: asked once, asked anew after any write, never a stale one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection, transaction

from dure.accounts.acting import Actor
from governance.log import services
from governance.log.remembering import KEPT_S, as_of_the_log, committed_entries
from governance.models import LogEntry, LogWaiting

SYSTEM = Actor.system("tests")
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    caches["near"].clear()
    yield
    caches["near"].clear()


def write() -> None:
    """What any service does: one fact with its entry, committed."""
    with transaction.atomic():
        services.record(kind="call.drafted", acting=SYSTEM, subject=None, payload={"number": 1})


class Sum:
    """A sum over the log's entries that counts how often it was worked out."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self) -> int:
        self.asked += 1
        return LogEntry.objects.count()

    def shown(self, key: str = "entries") -> int:
        return as_of_the_log(key, self)


def test_a_sum_is_worked_out_once_and_anew_after_a_write() -> None:
    entries = Sum()
    assert [entries.shown() for _look in range(3)] == [0, 0, 0]
    assert entries.asked == 1
    write()
    assert [entries.shown() for _look in range(3)] == [1, 1, 1]
    assert entries.asked == 2
    assert entries.shown("another-sum") == 1
    assert entries.asked == 3, "each sum is kept under its own name"


def test_a_place_in_the_log_is_no_news() -> None:
    """Sequencing changes no fact: what was kept while the entry waited is kept still."""
    entries = Sum()
    write()
    entries.shown()
    assert services.sequence() > 0
    assert not LogWaiting.objects.exists()
    assert (entries.shown(), entries.asked) == (1, 1)


def test_another_process_keeps_its_own_and_sees_the_same_write() -> None:
    """Nothing is told from process to process: each asks the log that all share."""
    here, there = Sum(), Sum()
    assert here.shown() == 0
    own = caches["near"].get("log:entries")
    caches["near"].clear()  # what another process starts with
    assert (there.shown(), there.asked) == (0, 1)
    write()
    assert there.shown() == 1
    caches["near"].set("log:entries", own, KEPT_S)  # back here, where 0 is still kept
    assert (here.shown(), here.asked) == (1, 2)


def test_what_a_transaction_may_take_back_is_neither_kept_nor_answered_from_before() -> None:
    entries = Sum()
    assert entries.shown() == 0
    with transaction.atomic():
        services.record(kind="call.drafted", acting=SYSTEM, subject=None, payload={"number": 1})
        assert entries.shown() == 1, "one's own write is seen at once"
        transaction.set_rollback(True)
    assert entries.shown() == 0, "and is nowhere once it was taken back"


def test_a_write_while_the_sum_is_worked_out_is_shown_to_the_next_who_looks() -> None:
    def overtaken() -> int:
        found = LogEntry.objects.count()
        write()
        return found

    assert as_of_the_log("entries", overtaken) == 0
    assert Sum().shown() == 1


def after_the_first_query(happens: Callable[[], object]) -> Callable[..., Any]:
    """A wrapper of queries: between the first and the second, something happens elsewhere."""
    seen = {"queries": 0, "inside": 0}

    def around(execute: Callable[..., Any], *asked: Any) -> Any:  # Any: Django's own
        if not seen["inside"]:
            seen["queries"] += 1
            if seen["queries"] == 2:
                seen["inside"] = 1
                happens()
                seen["inside"] = 0
        return execute(*asked)

    return around


def test_an_entry_that_gets_its_place_meanwhile_counts_once() -> None:
    """Counted as waiting and as placed, or as neither, it would lend a sum another state's mark."""
    entries = Sum()
    entries.shown()
    write()
    with connection.execute_wrapper(after_the_first_query(services.sequence)):
        assert committed_entries() == 1
    assert committed_entries() == 1
    write()
    with connection.execute_wrapper(after_the_first_query(services.sequence)):
        assert entries.shown() == 2


def test_no_sum_outlives_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """The net below, for what a write forgot to log."""
    kept_for: list[float] = []

    def keep(_key: str, _value: object, timeout: float) -> None:
        kept_for.append(timeout)

    monkeypatch.setattr(caches["near"], "set", keep)
    Sum().shown()
    assert kept_for == [60]
