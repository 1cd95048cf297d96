"""Fingerprints of people who were erased keep their records from being paid again, for a year.

What an epoch settled stays with its fingerprints when its owner leaves, so that nobody is paid for
the same records under a new account. A fingerprint says nothing to anybody without the platform's
key, but with a guess at hand the platform could test it; so after a year it is deleted. Then the
records may come again, and are priced by what they add that day. Those of people who are still here
stay: their paid contribution does, too.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from contributions.models import Contribution, RecordFingerprint
from contributions.pipeline.clusters import hold
from dure.core.clock import now
from governance.models import Erasure

#: How long after an erasure the records that were paid for are still known.
KNOWN_FOR: Final = timedelta(days=365)
#: Contributions forgotten in one transaction.
BATCH: Final = 500


def forget_fingerprints() -> int:
    """Delete what is known of people who were erased a year ago; how many contributions."""
    gone = Erasure.objects.filter(erased_at__lte=now() - KNOWN_FOR).values("party_id")
    theirs = Contribution.objects.filter(party_id__in=gone)
    found = theirs.filter(id__in=RecordFingerprint.objects.values("contribution_id"))
    by_call: dict[UUID, list[UUID]] = {}
    for call_id, contribution_id in found.order_by("call_id", "id").values_list("call_id", "id"):
        by_call.setdefault(call_id, []).append(contribution_id)
    for call_id, ids in by_call.items():
        for first in range(0, len(ids), BATCH):
            _forget(call_id, ids[first : first + BATCH])
    return sum(map(len, by_call.values()))


@transaction.atomic
def _forget(call_id: UUID, ids: list[UUID]) -> None:
    hold(call_id)
    RecordFingerprint.objects.filter(contribution_id__in=ids).delete()
