"""How far the stage under way has come, for the contributor who waits.

What a stage finds is written when it settles, and not before. What it tells while it works is its
share alone, and means nothing to the stage: a stage that is run again tells it anew.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import DatabaseError

from contributions.models import Contribution
from contributions.models.contributions import WHOLE_STAGE

logger = logging.getLogger(__name__)

#: Seconds between two tellings. Most stages are over before the first.
PAUSE_S = 1.0


class _Telling:
    def __init__(self, contribution: Contribution) -> None:
        self._mine = Contribution.objects.filter(id=contribution.id, claim=contribution.claim)
        self._next = time.monotonic() + PAUSE_S

    def __call__(self, finished: int, parts: int) -> None:
        moment = time.monotonic()
        if moment < self._next or not parts:
            return
        self._next = moment + PAUSE_S
        try:
            self._mine.update(stage_share=WHOLE_STAGE * min(finished, parts) // parts)
        except DatabaseError as error:
            # The stage will find out by itself whether the database is away.
            logger.warning("how far a stage is was not told (%s)", type(error).__name__)


_telling: ContextVar[_Telling | None] = ContextVar("telling", default=None)


@contextmanager
def telling_of(contribution: Contribution) -> Iterator[None]:
    """Inside the block, `part_done` speaks of this contribution, by the claim that is held."""
    token = _telling.set(_Telling(contribution))
    try:
        yield
    finally:
        _telling.reset(token)


def part_done(finished: int, parts: int) -> None:
    """So many parts of the stage's work are finished; heard at most once a second."""
    telling = _telling.get()
    if telling is not None:
        telling(finished, parts)
