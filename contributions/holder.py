"""The personal data that this room holds: contributions, drafts and their files."""

from __future__ import annotations

from datetime import datetime
from typing import cast
from uuid import UUID

from django.db import transaction

from contributions.blobs import purge_after_commit
from contributions.evidence.selectors import photo_document
from contributions.intake.consent import missing_consents
from contributions.models import (
    Contribution,
    Draft,
    Photo,
    State,
    TrainedModel,
    Upload,
    UploadEnd,
    UploadPart,
)
from contributions.models.contributions import MOVING
from contributions.pipeline.clusters import hold
from contributions.releases.trained import forget_names, model_documents
from contributions.selectors import contribution_documents, contributions_of
from contributions.taking_out import photo_files, record_files
from contributions.uploads.selectors import upload_document
from contributions.uploads.services import close
from contributions.withdrawal.services import WITHDRAWABLE, take_back
from dure.accounts.acting import Actor
from dure.core.canonical import Json
from dure.core.clock import now, rfc3339

ERASURE = Actor.system("erasure")
TOGETHER = 500


class ContributionsHolder:
    """Answers export, restriction and erasure for contributions."""

    def export(self, party_id: UUID) -> Json:
        """Every contribution of the party as its owner sees it, the drafts, and its models."""
        drafts = Draft.objects.filter(party_id=party_id, discarded_at=None).select_related("call")
        return {
            "contributions": [
                cast("Json", document)
                for document in contribution_documents(list(contributions_of([party_id])))
            ],
            "photos": [
                cast("Json", {"contribution": photo.contribution.receipt, **photo_document(photo)})
                for photo in Photo.objects.filter(
                    contribution__party_id=party_id, blob__purged_at=None
                ).select_related("contribution")
            ],
            "uploads": [
                cast("Json", upload_document(upload))
                for upload in Upload.objects.filter(party_id=party_id, closed_at=None)
            ],
            "models": [
                cast("Json", document)
                for document in model_documents(TrainedModel.objects.filter(party_id=party_id))
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

    def files(self, party_id: UUID) -> dict[str, bytes]:
        """The records themselves, as CSV for each contribution, and the photos beside them."""
        return {**record_files(party_id), **photo_files(party_id)}

    def restrict(self, party_id: UUID) -> None:
        """Keeps what was accepted out of every later use; nothing is deleted."""
        Contribution.objects.filter(
            party_id=party_id, state=State.ACCEPTED, excluded_at=None
        ).update(excluded_at=now())

    def lift(self, party_id: UUID, since: datetime) -> None:
        """What the restriction kept out may be used again, if the consents it needs still stand."""
        kept = Contribution.objects.filter(
            party_id=party_id, state=State.ACCEPTED, excluded_at__gte=since, test=False
        )
        for contribution in kept.select_related("call_version__call"):
            if not missing_consents(party_id=party_id, version=contribution.call_version):
                Contribution.objects.filter(id=contribution.id).update(excluded_at=None)

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
        whole = held.select_related("call", "call_version", "source", "records", "outcome")
        # In pieces, so that not all documents of a great many are in memory at once.
        while piece := list(whole[:TOGETHER]):
            take_back(piece, acting=ERASURE, rule="erased")
        Contribution.objects.filter(party_id=party_id).exclude(filename="").update(filename="")
        forget_names(party_id)
        uploads = Upload.objects.filter(party_id=party_id)
        for upload in uploads.select_for_update(of=("self",)).filter(closed_at=None):
            close(upload, UploadEnd.TERMINATED)
        for part in UploadPart.objects.filter(upload__in=uploads).select_related("blob"):
            purge_after_commit(part.blob)
        uploads.delete()
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
