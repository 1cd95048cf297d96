"""News that travels up: written with the fact, delivered at least once, effective exactly once.

A service publishes an event inside its transaction. After the commit, and again by the clock, the
event goes to every receiver of its kind; a receiver's effect and the note that it happened commit
together. An event that a receiver refuses is tried again with doubling delay and never given up.
"""

from __future__ import annotations

import logging
import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, connection, transaction

from dure.core.canonical import Json
from dure.core.clock import now
from dure.core.models import Delivery, OutboxEvent

logger = logging.getLogger(__name__)

DELAY_MAX_S = 3600
BATCH = 200


@dataclass(frozen=True)
class Event:
    id: uuid.UUID
    kind: str
    subject: str
    payload: dict[str, Json]


Receiver = Callable[[Event], None]
_receivers: dict[str, dict[str, Receiver]] = defaultdict(dict)


def receiver(kind: str, *, name: str) -> Callable[[Receiver], Receiver]:
    """Register a function for a kind of event under a name that stays the same for ever."""

    def register(function: Receiver) -> Receiver:
        if name in _receivers[kind]:
            raise ValueError(f"{kind} has a receiver {name} already")
        _receivers[kind][name] = function
        return function

    return register


def publish(*, kind: str, subject: str, payload: dict[str, Json]) -> OutboxEvent:
    """Write an event in the caller's transaction; it is delivered after the commit."""
    return publish_all([(kind, subject, payload)])[0]


def publish_all(events: Sequence[tuple[str, str, dict[str, Json]]]) -> list[OutboxEvent]:
    """``publish`` for several events (kind, subject, payload) in one statement and one nudge."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("An event is written with its fact.")
    written = OutboxEvent.objects.bulk_create(
        [OutboxEvent(kind=kind, subject=about, payload=said) for kind, about, said in events]
    )
    if written:
        transaction.on_commit(_nudge)
    return written


def _nudge() -> None:
    from dure.core.nudge import nudge
    from dure.core.tasks import drain_outbox  # tasks import this module

    nudge(drain_outbox)


def drain(limit: int = BATCH) -> int:
    """Deliver what is due, oldest first; return how many events were finished."""
    finished = 0
    for _ in range(limit):
        with transaction.atomic():
            event = (
                OutboxEvent.objects.select_for_update(skip_locked=True)
                .filter(dispatched_at__isnull=True, next_at__lte=now())
                .order_by("created_at", "id")
                .first()
            )
            if event is None:
                return finished
            finished += _deliver(event)
    return finished


def _deliver(row: OutboxEvent) -> int:
    event = Event(row.id, row.kind, row.subject, row.payload)
    done = set(row.deliveries.values_list("receiver", flat=True))
    for name, function in _receivers[row.kind].items():
        if name in done:
            continue
        try:
            with transaction.atomic():
                Delivery.objects.create(event=row, receiver=name)
                function(event)
        except Exception as error:
            delay_s = min(2**row.attempts, DELAY_MAX_S)
            row.attempts += 1
            row.next_at = now() + timedelta(seconds=delay_s)
            row.failed_receiver = name
            row.save(update_fields=["attempts", "next_at", "failed_receiver"])
            # The type only: the text of an exception may quote what a person sent.
            logger.error("receiver %s refused %s: %s", name, row.kind, type(error).__name__)
            if isinstance(error, IntegrityError | RuntimeError):
                logger.debug("refusal", exc_info=True)
            return 0
    row.dispatched_at = now()
    row.failed_receiver = ""
    row.save(update_fields=["dispatched_at", "failed_receiver"])
    return 1


def lag_s() -> int:
    """Seconds that the oldest undelivered event has been waiting; 0 when there is none."""
    oldest = OutboxEvent.objects.filter(dispatched_at__isnull=True).order_by("created_at").first()
    return 0 if oldest is None else max(0, int((now() - oldest.created_at).total_seconds()))
