"""Waiting records that can never count any more are forgotten.

A record waits behind the contribution that it counts for, to inherit if that one leaves. Once an
epoch has settled the owner, it never leaves its record; and whoever was settled itself, or has
come to another end, inherits nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from contributions.models import Contribution, State, WaitingRecord
from contributions.models.contributions import MOVING
from contributions.pipeline.clusters import hold
from contributions.registries import settled

#: Contributions looked at in one statement.
BATCH = 1_000

OWNERS = """
SELECT DISTINCT held.contribution_id
FROM contributions_waitingrecord waiting
JOIN contributions_recordfingerprint held
    ON held.call_id = waiting.call_id AND held.digest = waiting.digest
WHERE waiting.call_id = %s
"""
BEHIND = """
DELETE FROM contributions_waitingrecord waiting
USING contributions_recordfingerprint held
WHERE waiting.call_id = %s AND held.call_id = waiting.call_id
    AND held.digest = waiting.digest AND held.contribution_id = ANY(%s)
"""


def forget_waiting() -> int:
    """Delete waiting records that cannot inherit, in all calls; returns how many."""
    calls = WaitingRecord.objects.order_by("call_id").values_list("call_id", flat=True).distinct()
    return sum(_forget(call_id) for call_id in list(calls))


@transaction.atomic
def _forget(call_id: UUID) -> int:
    hold(call_id)
    waiting = WaitingRecord.objects.filter(call=call_id)
    forgotten = 0
    for ids in _batches(waiting.values_list("contribution_id", flat=True).distinct()):
        over = settled(ids) | _ended(ids)
        forgotten += waiting.filter(contribution__in=over).delete()[0] if over else 0
    with connection.cursor() as cursor:
        cursor.execute(OWNERS, [call_id])
        for ids in _batches(row[0] for row in cursor.fetchall()):
            for_good = list(settled(ids))
            if for_good:
                cursor.execute(BEHIND, [call_id, for_good])
                forgotten += cursor.rowcount
    return forgotten


def _ended(ids: Iterable[UUID]) -> set[UUID]:
    """Those that are neither being checked nor accepted: they hold no record any more."""
    usable = Q(state__in=MOVING) | Q(state=State.ACCEPTED)
    ended = Contribution.objects.filter(id__in=list(ids)).exclude(usable)
    return set(ended.values_list("id", flat=True))


def _batches(ids: Iterable[UUID]) -> Iterable[list[UUID]]:
    every = list(ids)
    for start in range(0, len(every), BATCH):
        yield every[start : start + BATCH]
