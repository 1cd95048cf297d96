"""Who holds a release: noted at each download, and told what to delete when it is recalled."""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from contributions.models import (
    DeletionAttestation,
    Release,
    ReleaseFile,
    ReleaseKind,
    ReleaseState,
    TrainedModel,
)
from contributions.models.downloads import Download
from contributions.models.releases import GIVEN_OUT
from contributions.releases.attestation import ATTEST_WITHIN
from contributions.releases.look import recalled_rows
from contributions.releases.recalling import recalled_since, status, successors
from contributions.releases.selectors import PREPARERS, release_for, successor_document
from contributions.selectors.calls import share_text
from dure.accounts.acting import Actor
from dure.accounts.selectors import party_name
from dure.core.clock import now, rfc3339
from governance.access.services import note_accesses

Document = dict[str, Any]  # Any: JSON
#: A party and a call of which it downloaded something.
Holder = tuple[UUID, UUID]


@transaction.atomic
def note_download(*, acting: Actor, file: ReleaseFile) -> None:
    """Note that the actor's parties are given a file; nothing is noted of strangers."""
    moment = now()
    Download.objects.bulk_create(
        [Download(file=file, party_id=party, at=moment) for party in sorted(acting.parties)]
    )


def recipients_document(actor: Actor, release_id: str) -> Document:
    """Every party that downloaded a release, for operators; RELEASE_UNKNOWN, NOT_ALLOWED.

    `must_delete` says whether they hold rows of somebody who withdrew since, `rows` how many; the
    rows themselves are on the list at `recalls`.
    """
    actor.require(*PREPARERS)
    release = release_for(actor, release_id)
    recalled = status(release) == ReleaseState.SUPERSEDED
    held = list(
        Download.objects.filter(file__release=release)
        .order_by()
        .values_list("party_id")
        .annotate(last=Max("at"))
        .order_by("last", "party_id")
    )
    said = dict(release.attestations.values_list("party_id", "at"))
    note_accesses(
        acting=actor,
        party_ids=[party for party, _ in held],
        what="download",
        why="recall",
        subject=str(release.id),
    )
    return {
        "release": str(release.id),
        "status": status(release),
        "rows": recalled_rows(release) if recalled else 0,
        "recalls": _list_of(release),
        "recipients": [
            {
                "party": str(party),
                "name": party_name(party),
                "last_download": rfc3339(last),
                "must_delete": recalled,
                "attested_at": rfc3339(said[party]) if party in said else None,
            }
            for party, last in held
        ],
    }


def recalls_by_holder(
    parties: Collection[UUID], calls: Collection[UUID]
) -> dict[Holder, list[Document]]:
    """Recalled releases of these calls that these parties downloaded: what each has to delete.

    By party and call, newest first; whoever has nothing to delete is not in it. `due_at` is by when
    a licensee attests that it did, counted from the withdrawal; null where nothing binds them to,
    as with an open release. `attested_at` is when that party did, null before. `successor` is what
    is given out in its place, null where nothing is yet; `share` is which part of the release its
    `rows` are, and `models` names those that the party trained on it, whose next training has to be
    on the successor. Asks once for each release.
    """
    held: dict[UUID, set[UUID]] = {}
    downloads = Download.objects.filter(
        party_id__in=parties,
        file__release__call_id__in=calls,
        file__release__state__in=GIVEN_OUT,
    )
    for party, release_id in downloads.order_by().values_list("party_id", "file__release_id"):
        held.setdefault(release_id, set()).add(party)
    found = Release.objects.filter(id__in=held).select_related("call").order_by("-requested_at")
    gone = [release for release in found if status(release) == ReleaseState.SUPERSEDED]
    after = successors(gone)
    said = {
        (release_id, party): at
        for release_id, party, at in DeletionAttestation.objects.filter(
            release__in=gone, party_id__in=parties
        ).values_list("release_id", "party_id", "at")
    }
    trained: dict[tuple[UUID, UUID], list[str]] = {}
    for release_id, party, name in TrainedModel.objects.filter(
        release__in=gone, party_id__in=parties, withdrawal=None
    ).values_list("release_id", "party_id", "name"):
        trained.setdefault((release_id, party), []).append(name)
    told: dict[Holder, list[Document]] = {}
    for release in gone:
        rows = recalled_rows(release)
        document = {
            "release": str(release.id),
            "call": release.call.slug,
            "rows": rows,
            "share": share_text(Fraction(rows, release.records)),
            "recalls": _list_of(release),
            "due_at": _due_at(release),
            "successor": successor_document(after.get(release.id)),
        }
        for party in held[release.id]:
            at = said.get((release.id, party))
            own = document | {
                "attested_at": rfc3339(at) if at else None,
                "models": trained.get((release.id, party), []),
            }
            told.setdefault((party, release.call_id), []).append(own)
    return told


def _due_at(release: Release) -> str | None:
    since = None if release.kind == ReleaseKind.OPEN else recalled_since(release)
    return rfc3339(since + ATTEST_WITHIN) if since else None


def _list_of(release: Release) -> str:
    return f"/api/v1/releases/{release.id}/recalls/"
