"""Where the anchors of a call are that a contribution's records may be near to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from contributions.models import Contribution, RecordFingerprint
from contributions.near import Placed, around, digest_of, resolve
from contributions.pipeline.clusters import BATCH, Candidate, hold
from contributions.registries import settled

#: What was paid is never taken over, so it comes first; then who sent first.
Rank = tuple[bool, bool, datetime, UUID]

FOUND = """
SELECT held.digest, held.contribution_id
FROM unnest(%s::bytea[]) AS asked (digest)
JOIN contributions_recordfingerprint held ON held.call_id = %s AND held.digest = asked.digest
"""


def near_candidates(
    held: Contribution, placed: Placed, rows: Sequence[int], *, digest_key: bytes
) -> list[Candidate]:
    """Anchors and the row that stands for each, sorted by anchor; `rows` are the row numbers.

    Runs inside the settling transaction: nobody else changes the clusters until it ends.
    """
    hold(held.call_id)
    known = _known(held.call_id, placed, digest_key)
    found = resolve(placed.spots, known=known, digest_key=digest_key)
    pairs = zip(found, placed.first_rows.tolist(), strict=True)
    return sorted((anchor, rows[first]) for anchor, first in pairs if anchor is not None)


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
