"""The personal data that this room holds: contributions, drafts and their files."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.db import transaction

from contributions.blobs import purge_after_commit
from contributions.evidence.selectors import photo_document
from contributions.models import Contribution, Draft, Photo, State
from contributions.models.contributions import MOVING
from contributions.pipeline.clusters import hold
from contributions.selectors import contribution_documents, contributions_of
from contributions.withdrawal.services import WITHDRAWABLE, take_back
from dure.accounts.acting import Actor
from dure.core.canonical import Json
from dure.core.clock import now, rfc3339

ERASURE = Actor.system("erasure")


class ContributionsHolder:
    """Answers export, restriction and erasure for contributions."""

    def export(self, party_id: UUID) -> Json:
        """Every contribution of the party as its owner sees it, and the drafts."""
        drafts = Draft.objects.filter(party_id=party_id, discarded_at=None).select_related("call")
        return {
            "contributions": [
                cast("Json", document)
                for document in contribution_documents(list(contributions_of([party_id])))
            ],
            "photos": [
                {"contribution": photo.contribution.receipt, **photo_document(photo)}
                for photo in Photo.objects.filter(
                    contribution__party_id=party_id, blob__purged_at=None
                ).select_related("contribution")
            ],
            "drafts": [
                {
                    "call": draft.call.slug,
                    "filename": draft.filename,
                    "updated_at": rfc3339(draft.updated_at),
                }
                for draft in drafts
            ],
        }

    def restrict(self, party_id: UUID) -> None:
        """Keeps what was accepted out of every later use; nothing is deleted."""
        Contribution.objects.filter(
            party_id=party_id, state=State.ACCEPTED, excluded_at=None
        ).update(excluded_at=now())

    @transaction.atomic
    def erase(self, party_id: UUID) -> None:
        """Takes everything back, purges every file and forgets the names of files."""
        calls = Contribution.objects.filter(party_id=party_id).values_list("call_id", flat=True)
        for call_id in sorted(set(calls)):
            hold(call_id)
        held = (
            Contribution.objects.select_for_update(of=("self",))
            .filter(party_id=party_id, state__in=[*MOVING, *WITHDRAWABLE])
            .order_by("id")
        )
        for contribution in held.select_related(
            "call", "call_version", "source", "records", "outcome"
        ):
            take_back(contribution, acting=ERASURE, rule="erased")
        Contribution.objects.filter(party_id=party_id).exclude(filename="").update(filename="")
        photos = Photo.objects.filter(contribution__party_id=party_id)
        for photo in photos.select_related("blob"):
            purge_after_commit(photo.blob)
        photos.delete()
        for draft in Draft.objects.filter(party_id=party_id).select_related("blob"):
            if draft.blob is not None:
                purge_after_commit(draft.blob)
        Draft.objects.filter(party_id=party_id).update(
            filename="", steps={}, look={}, discarded_at=now()
        )
