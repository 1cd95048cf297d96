"""Licensees say that recalled rows are deleted; who does not in time gets nothing more.

Nothing is switched off by the clock: whether somebody is late is asked at every download.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from contributions.models import (
    DeletionAttestation,
    Download,
    Release,
    ReleaseKind,
    ReleaseState,
)
from contributions.releases import problems
from dure.accounts.acting import Actor
from dure.core import outbox
from dure.core.clock import now
from governance.log.services import record

#: How long a licensee has to delete what was recalled and to say so.
ATTEST_WITHIN: Final = timedelta(days=30)


@transaction.atomic
def attest_deletion(*, acting: Actor, release_id: UUID, party_id: UUID) -> DeletionAttestation:
    """Say for a party that every recalled row of a release it downloaded is deleted; once.

    Again it changes nothing. Raises RELEASE_UNKNOWN for parties that the actor does not act for
    and releases that they did not download, NOTHING_RECALLED (409) for one that stands.
    """
    person = acting.require_person()
    taken = Download.objects.filter(file__release_id=release_id, party_id=party_id)
    if not acting.acts_for(party_id) or not taken.exists():
        raise problems.RELEASE_UNKNOWN.problem()
    # Two members of a firm who say so at once: the second finds that it was said.
    release = Release.objects.select_for_update(of=("self",)).get(id=release_id)
    if release.state != ReleaseState.SUPERSEDED:
        raise problems.NOTHING_RECALLED.problem()
    said = DeletionAttestation.objects.filter(release=release, party_id=party_id).first()
    if said is not None:
        return said
    entry = record(
        kind="release.deletion_attested",
        acting=acting,
        subject=party_id,
        payload={"release": str(release.id)},
    )
    outbox.publish(
        kind="release.deletion_attested",
        subject=str(release.id),
        payload={"release": str(release.id), "party": str(party_id)},
    )
    return DeletionAttestation.objects.create(
        release=release, party_id=party_id, by=person, at=entry.recorded_at, log_entry=entry.id
    )


def late_parties(parties: Collection[UUID], call_id: UUID) -> set[UUID]:
    """Those who hold a licensed release of a call that was recalled, and did not answer in time."""
    held = Download.objects.filter(
        party_id__in=parties,
        file__release__call_id=call_id,
        file__release__kind=ReleaseKind.LICENSED,
        file__release__state=ReleaseState.SUPERSEDED,
        file__release__superseded_at__lte=now() - ATTEST_WITHIN,
    )
    said = DeletionAttestation.objects.filter(
        release=OuterRef("file__release"), party=OuterRef("party")
    )
    return set(held.exclude(Exists(said)).values_list("party_id", flat=True))
