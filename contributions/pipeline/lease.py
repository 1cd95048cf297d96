"""A worker's hold on its work: renewed while the worker lives, over soon after it dies."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from django.db import DatabaseError, connection

from contributions.models import Contribution, Release
from dure.core.clock import now

logger = logging.getLogger(__name__)

LEASE_S = 20.0
RENEWAL_S = 7.0


def until() -> timedelta:
    """How long a lease lasts from now."""
    return timedelta(seconds=LEASE_S)


@contextmanager
def kept(
    held_id: UUID,
    claim: UUID | None,
    model: type[Contribution] | type[Release] = Contribution,
) -> Iterator[None]:
    """Renew the lease every few seconds while the block runs, however long that takes.

    A thread with a connection of its own does it, opened only by stages that run that long.
    """
    done = threading.Event()

    def renew() -> None:
        try:
            while not done.wait(RENEWAL_S):
                _extend(model, held_id, claim)
        finally:
            connection.close()

    thread = threading.Thread(target=renew, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _extend(model: type[Contribution] | type[Release], held_id: UUID, claim: UUID | None) -> None:
    try:
        model._default_manager.filter(id=held_id, claim=claim).update(lease_until=now() + until())
    except DatabaseError as error:
        # The row is locked while the stage settles, or the database is away; tried again soon.
        logger.warning("a lease was not renewed (%s)", type(error).__name__)
