"""Where the anchors of a call are that a contribution's records may be near to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from uuid import UUID

import numpy as np
import numpy.typing as npt
from django.db import connection

from contributions.models import Contribution, RecordFingerprint
from contributions.near import Placed, around, digest_of, resolve
from contributions.pipeline.claims import Claims
from contributions.registries import settled

#: Digests that are asked about in one statement.
BATCH = 100_000
#: What was paid is never taken over, so it comes first; then who sent first.
Rank = tuple[bool, bool, datetime, UUID]

FOUND = """
SELECT held.digest, held.contribution_id
FROM unnest(%s::bytea[]) AS asked (digest)
JOIN contributions_recordfingerprint held ON held.call_id = %s AND held.digest = asked.digest
"""


def near_claims(
    held: Contribution, placed: Placed, rows: npt.NDArray[np.int64], *, digest_key: bytes
) -> Claims:
    """Anchors and the row that stands for each; `rows` are the row numbers.

    Runs inside the settling transaction, which holds the clusters of the call: nobody else changes
    them until it ends.
    """
    known = _known(held.call_id, placed, digest_key)
    found = resolve(placed.spots, known=known, digest_key=digest_key)
    pairs = zip(found, placed.first_rows.tolist(), strict=True)
    mine = [(anchor, first) for anchor, first in pairs if anchor is not None]
    return Claims.of([anchor for anchor, _first in mine], rows[[first for _anchor, first in mine]])


def _known(call_id: UUID, placed: Placed, digest_key: bytes) -> Mapping[bytes, Rank]:
    anchors = RecordFingerprint.objects.filter(call_id=call_id)
    probes = len(placed.spots) * len(around(placed.spots[0])) if placed.spots else 0
    # A short list is read whole; a long one is asked for what may be near.
    few = len(anchors.values_list("row")[: probes + 1]) <= probes
    pairs: Iterable[tuple[bytes | memoryview, UUID]]
    if few:
        pairs = anchors.values_list("digest", "contribution_id").iterator()
    else:
        pairs = _asked(call_id, placed, digest_key)
    owners = {bytes(digest): owner for digest, owner in pairs}
    ranks = _ranks(set(owners.values()))
    return {digest: ranks[owner] for digest, owner in owners.items()}


def _asked(call_id: UUID, placed: Placed, digest_key: bytes) -> Iterator[tuple[bytes, UUID]]:
    digests = [
        digest_of(each, digest_key=digest_key) for spot in placed.spots for each in around(spot)
    ]
    with connection.cursor() as cursor:
        for start in range(0, len(digests), BATCH):
            cursor.execute(FOUND, [digests[start : start + BATCH], call_id])
            yield from cursor.fetchall()


def _ranks(owners: set[UUID]) -> dict[UUID, Rank]:
    paid = settled(owners)
    return {
        owner.id: (
            owner.id not in paid,
            owner.excluded_at is not None,
            owner.corrected_at or owner.submitted_at,
            owner.id,
        )
        for owner in Contribution.objects.filter(id__in=owners)
    }
