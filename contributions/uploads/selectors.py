"""Reading uploads: where one stands."""

from __future__ import annotations

from typing import TypedDict
from uuid import UUID

from django.db.models import QuerySet

from contributions import problems
from contributions.models import Upload
from dure.accounts.acting import Actor
from dure.core.clock import now, rfc3339


class UploadDocument(TypedDict):
    """An upload; `length` and `offset` in bytes."""

    id: str
    filename: str
    length: int
    offset: int
    created_at: str
    expires_at: str


def uploads_of(actor: Actor) -> QuerySet[Upload]:
    """Open uploads of this person for the parties it acts for."""
    return Upload.objects.filter(
        person=actor.require_person(),
        party_id__in=actor.parties,
        closed_at=None,
        expires_at__gt=now(),
    )


def upload_for(actor: Actor, upload_id: UUID) -> Upload:
    """One open upload; closed, expired, unknown and foreign ones raise UPLOAD_UNKNOWN alike."""
    upload = uploads_of(actor).filter(id=upload_id).first()
    if upload is None:
        raise problems.UPLOAD_UNKNOWN.problem()
    return upload


def upload_document(upload: Upload) -> UploadDocument:
    """An upload as the API shows it."""
    return {
        "id": str(upload.id),
        "filename": upload.filename,
        "length": upload.length,
        "offset": upload.offset,
        "created_at": rfc3339(upload.created_at),
        "expires_at": rfc3339(upload.expires_at),
    }
