"""How much of the machine a bulk posting takes.

All of it while nobody else uses the ledger. Otherwise its parts take turns, so that one processor
works for it at a time and whoever pays meanwhile finds another one free.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Lock
from typing import Final
from uuid import UUID

from dure.core.clock import now
from rewards.ledger.writing import first_id
from rewards.models import BulkBatch, Transfer

#: Who has posted within this time is likely to post again while a part is at work.
RECENT: Final = timedelta(seconds=2)


def others_post(reserve_id: UUID | None = None) -> bool:
    """Whether a transfer other than this batch's own reserve has just been written."""
    recent = Transfer.objects.filter(id__gt=first_id(now() - RECENT))
    if reserve_id is not None:
        recent = recent.exclude(id=reserve_id)
    return recent.exists()


class Turns:
    """Lets the parts of one batch, each with its thread, work beside or after one another."""

    def __init__(self, batch: BulkBatch) -> None:
        assert batch.reserve_id is not None, "it is frozen"
        self._reserve_id = batch.reserve_id
        self._turn = Lock()

    @contextmanager
    def taken(self) -> Iterator[bool]:
        """Wait for one's turn where there are turns; says whether there are."""
        if not others_post(self._reserve_id):
            yield False
            return
        with self._turn:
            yield True
