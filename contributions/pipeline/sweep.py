"""What the clock sees to: work that stands still is taken up again, overdue work is ended."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from contributions.models import Attempt, Contribution, Draft, Photo, State
from contributions.models.contributions import MOVING
from contributions.pipeline.endings import Ending, end
from dure.core.blobs import purge
from dure.core.clock import now
from dure.core.models import Blob

#: A contribution that nobody holds is told of again after this time.
QUIET = timedelta(seconds=10)
BATCH = 500
ENDED = (State.RETURNED, State.REJECTED, State.WITHDRAWN, State.FAILED)


@transaction.atomic
def take_up() -> list[tuple[UUID, str]]:
    """Contributions (id, stage) that no worker holds and that were not told of lately.

    They are marked as told now, so that several sweeps do not pile up messages.
    """
    moment = now()
    rows = list(
        Contribution.objects.select_for_update(skip_locked=True)
        .filter(
            Q(lease_until=None) | Q(lease_until__lt=moment),
            state__in=MOVING,
            nudged_at__lt=moment - QUIET,
            deadline_at__gt=moment,
        )
        .order_by("nudged_at")
        .values_list("id", "stage")[:BATCH]
    )
    Contribution.objects.filter(id__in=[row[0] for row in rows]).update(nudged_at=moment)
    return rows


def end_overdue() -> int:
    """End as failed what did not come to an end by its deadline; returns how many."""
    overdue = Contribution.objects.filter(state__in=MOVING, deadline_at__lte=now())
    ended = 0
    for contribution_id in overdue.order_by("deadline_at").values_list("id", flat=True)[:BATCH]:
        ended += end(contribution_id, Ending(State.FAILED, "deadline"), claim=None)
    return ended


def purge_leftovers() -> int:
    """Purge files whose purge was decided but not carried out; returns how many."""
    left = Blob.objects.filter(purged_at=None)
    # What was returned waits a stated time for its correction.
    ended = Contribution.objects.filter(state__in=ENDED).exclude(
        state=State.RETURNED, correctable_until__gt=now()
    )
    over = Contribution.objects.filter(Q(id__in=ended.values("id")) | Q(state=State.ACCEPTED))
    wanted = left.filter(
        Q(id__in=over.values("source"))
        | Q(id__in=Attempt.objects.filter(contribution__in=over).values("file"))
        | Q(id__in=Photo.objects.filter(contribution__in=ended).values("blob"))
        | Q(id__in=ended.values("records"))
        | Q(id__in=ended.values("outcome"))
        | Q(id__in=Draft.objects.filter(discarded_at__isnull=False).values("blob"))
    )
    purged = 0
    for blob in wanted[:BATCH]:
        purge(blob)
        purged += 1
    return purged
