"""Sums over many rows, kept until the log holds one entry more.

Whatever changes what counts writes its entry in the same transaction. So the number of committed
entries, with a place or still without one, says whether a sum may be another by now; it only ever
grows, in whatever order transactions commit. What a transaction of one's own changed and may yet
take back is never kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from django.core.cache import caches
from django.db import connection

T = TypeVar("T")
#: A net below: no sum is kept longer, whatever the log says.
KEPT_S = 60


def committed_entries() -> int:
    """How many entries the log holds, also those that wait for their place.

    Counted in one statement, so of one moment: between two, an entry that gets its place would
    count twice or not at all, and the answer would be the mark of another state.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT coalesce((SELECT max(index) + 1 FROM governance_logplace), 0)
                 + (SELECT count(*) FROM governance_logwaiting)
            """
        )
        (found,) = cursor.fetchone()
    return int(found)


def as_of_the_log(key: str, compute: Callable[[], T]) -> T:
    """What ``compute`` answers at the present state of the log; it is asked once for each state.

    ``key`` names the sum. Inside a transaction nothing is kept and nothing kept is read.
    """
    if connection.in_atomic_block:
        return compute()
    mark = committed_entries()
    kept = caches["near"].get(f"log:{key}")
    if kept is not None and kept[0] == mark:
        return cast("T", kept[1])
    found = compute()
    caches["near"].set(f"log:{key}", (mark, found), KEPT_S)
    return found
