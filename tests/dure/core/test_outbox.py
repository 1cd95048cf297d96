"""News is written with its fact and takes effect once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction

from dure.core import outbox
from dure.core.models import Delivery, OutboxEvent
from dure.core.outbox import Event, publish


class Refusal(Exception):
    pass


@pytest.fixture
def heard() -> Iterator[list[Event]]:
    """A receiver that notes what it hears."""
    notes: list[Event] = []
    outbox.receiver("test.news", name="tests.note")(notes.append)
    yield notes
    del outbox._receivers["test.news"]


@pytest.mark.django_db(transaction=True)
def test_an_event_without_a_transaction_is_refused() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        publish(kind="test.news", subject="x", payload={})


@pytest.mark.django_db(transaction=True)
def test_news_of_a_fact_that_was_rolled_back_never_existed(heard: list[Event]) -> None:
    with transaction.atomic():
        publish(kind="test.news", subject="x", payload={})
        transaction.set_rollback(True)
    outbox.drain()
    assert heard == []


@pytest.mark.django_db
def test_an_event_is_heard_once_however_often_the_outbox_is_drained(heard: list[Event]) -> None:
    publish(kind="test.news", subject="x", payload={"n": 1})
    assert outbox.drain() == 1
    assert outbox.drain() == 0
    assert [event.payload for event in heard] == [{"n": 1}]


@pytest.mark.django_db
def test_a_refusal_is_tried_again_later_and_does_not_repeat_what_succeeded(
    heard: list[Event],
) -> None:
    fail = [True]

    def second(event: Event) -> None:
        if fail[0]:
            raise Refusal

    outbox.receiver("test.news", name="tests.second")(second)
    publish(kind="test.news", subject="x", payload={})
    assert outbox.drain() == 0
    row = OutboxEvent.objects.get()
    assert (row.attempts, row.failed_receiver, row.dispatched_at) == (1, "tests.second", None)
    assert len(heard) == 1
    fail[0] = False
    OutboxEvent.objects.update(next_at=row.created_at)
    assert outbox.drain() == 1
    assert len(heard) == 1
    assert Delivery.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_several_events_written_at_once_are_delivered_one_by_one(heard: list[Event]) -> None:
    with transaction.atomic():
        outbox.publish_all([("test.news", str(number), {"n": number}) for number in range(3)])
    outbox.drain()
    assert sorted(event.subject for event in heard) == ["0", "1", "2"]
    assert Delivery.objects.count() == 3
