"""Reading photographs: the owner's own, and for operators who review, with a note of each look."""

from __future__ import annotations

from typing import TypedDict
from uuid import UUID

from django.db.models import Q, QuerySet

from contributions import problems
from contributions.models import Contribution, Photo
from contributions.withdrawal.services import WITHDRAWABLE
from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core.clock import rfc3339
from dure.core.ids import RECEIPT
from governance.access.services import note_access

MEDIA_TYPES = {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp"}


class PhotoDocument(TypedDict):
    """One photo; `width` and `height` in pixels as stored, `size` in bytes."""

    id: str
    format: str
    width: int
    height: int
    size: int
    sha256: str
    added_at: str


def photos_for(actor: Actor, receipt: str) -> list[Photo]:
    """Photos of a contribution that the actor may see, oldest first; raises CONTRIBUTION_UNKNOWN.

    A look of an operator at another's photos is noted for the person concerned.
    """
    contribution = _visible(actor, receipt)
    note_access(
        acting=actor,
        party_id=contribution.party_id,
        what="photos",
        why="review",
        subject=contribution.receipt,
    )
    return list(photos_of(contribution))


def photo_for(actor: Actor, receipt: str, photo_id: UUID) -> Photo:
    """One photo that the actor may see, the look noted; raises PHOTO_UNKNOWN."""
    contribution = _visible(actor, receipt)
    photo = photos_of(contribution).select_related("blob").filter(id=photo_id).first()
    if photo is None:
        raise problems.PHOTO_UNKNOWN.problem()
    note_access(
        acting=actor,
        party_id=contribution.party_id,
        what="photo",
        why="review",
        subject=contribution.receipt,
    )
    return photo


def photos_of(contribution: Contribution) -> QuerySet[Photo]:
    """The photos that are still kept with a contribution."""
    if contribution.state not in WITHDRAWABLE:
        return Photo.objects.none()
    return Photo.objects.filter(contribution=contribution, blob__purged_at=None)


def photo_document(photo: Photo) -> PhotoDocument:
    """A photo as the API and the pages show it."""
    return {
        "id": str(photo.id),
        "format": photo.format,
        "width": photo.width,
        "height": photo.height,
        "size": photo.size,
        "sha256": photo.sha256,
        "added_at": rfc3339(photo.added_at),
    }


def _visible(actor: Actor, receipt: str) -> Contribution:
    mine = Q(party_id__in=actor.parties)
    allowed = Q() if actor.has(Role.OPERATOR) else mine
    found = (
        Contribution.objects.filter(allowed, receipt=receipt) if RECEIPT.match(receipt) else None
    )
    contribution = found.first() if found is not None else None
    if contribution is None:
        raise problems.CONTRIBUTION_UNKNOWN.problem()
    return contribution
