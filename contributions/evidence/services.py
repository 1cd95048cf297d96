"""Adding photographs to a contribution: cleaned in memory, then kept encrypted, and logged.

What a photograph says besides its picture (place, time, camera, owner) is taken away before
anything is written: the original is never on a disk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from contributions import problems
from contributions.evidence.words import sentence
from contributions.models import Contribution, Photo
from contributions.photos import DEFAULT, NotAPhoto, Stripped, strip
from contributions.withdrawal.services import WITHDRAWABLE, locked
from dure.accounts.acting import Actor
from dure.core.blobs import store_bytes
from dure.core.canonical import sha256_hex
from dure.core.clock import now
from dure.core.ids import new_id
from dure.core.problems import FieldError
from governance.log.services import record


@dataclass(frozen=True)
class SentPhoto:
    """A picture as it arrived, in memory; `filename` only tells whether its suffix lies."""

    data: bytes
    filename: str = ""


@transaction.atomic
def add_photos(*, acting: Actor, receipt: str, sent: Sequence[SentPhoto]) -> list[Photo]:
    """Add pictures to a contribution of the actor's parties; all of them or none.

    A picture that is there already is not added again. Raises CONTRIBUTION_UNKNOWN, PHOTO_MISSING,
    PHOTO_REFUSED, PHOTOS_TOO_MANY, PHOTOS_CLOSED.
    """
    if not sent:
        raise problems.PHOTO_MISSING.problem(
            errors=[FieldError(field="photo", message=problems.PHOTO_MISSING.advice)]
        )
    contribution = locked(acting=acting, receipt=receipt)
    if contribution.state not in WITHDRAWABLE:
        raise problems.PHOTOS_CLOSED.problem()
    if len(sent) > settings.PHOTOS_MAX:
        raise _too_many()
    cleaned = _cleaned(sent)
    there = {photo.sha256: photo for photo in Photo.objects.filter(contribution=contribution)}
    if len(there.keys() | {sha256_hex(each.data) for each in cleaned}) > settings.PHOTOS_MAX:
        raise _too_many()
    added: list[Photo] = []
    for each in cleaned:
        digest = sha256_hex(each.data)
        if digest not in there:
            there[digest] = _add(contribution, each, digest, acting)
        if there[digest] not in added:
            added.append(there[digest])
    return added


def _cleaned(sent: Sequence[SentPhoto]) -> list[Stripped]:
    limits = replace(DEFAULT, bytes_max=settings.PHOTO_SIZE_MAX)
    cleaned: list[Stripped] = []
    errors: list[FieldError] = []
    for number, each in enumerate(sent, start=1):
        try:
            cleaned.append(strip(each.data, filename=each.filename, limits=limits))
        except NotAPhoto as refusal:
            message = _("Photo %(number)d: %(why)s") % {
                "number": number,
                "why": sentence(refusal.rule),
            }
            errors.append(FieldError(field="photo", message=message, code=refusal.rule))
    if errors:
        raise problems.PHOTO_REFUSED.problem(errors=errors)
    return cleaned


def _add(contribution: Contribution, cleaned: Stripped, digest: str, acting: Actor) -> Photo:
    photo = Photo(
        id=new_id(),
        contribution=contribution,
        blob=store_bytes(cleaned.data, owner=contribution.party_id),
        format=cleaned.format,
        width=cleaned.width,
        height=cleaned.height,
        size=len(cleaned.data),
        sha256=digest,
        added_at=now(),
        added_by=acting.person,
    )
    entry = record(
        kind="contribution.photo_added",
        acting=acting,
        subject=contribution.party_id,
        payload={"receipt": contribution.receipt, "content": commitment(photo)},
    )
    photo.log_entry = entry.id
    photo.save(force_insert=True)
    return photo


def commitment(photo: Photo) -> str:
    """SHA-256 over the photo's secret id and its hash; nobody without the id can try a guess."""
    return sha256_hex(photo.id.bytes + bytes.fromhex(photo.sha256))


def _too_many() -> Exception:
    message = _("At most %(count)d photos go with a contribution.") % {"count": settings.PHOTOS_MAX}
    return problems.PHOTOS_TOO_MANY.problem(
        errors=[FieldError(field="photo", message=message, code="too-many")]
    )
