"""Beginning, continuing, giving up and using an upload in pieces.

A piece is read from the line first and written under the lock of the upload's row: a slow sender
holds no lock, and of two that send the same piece at once one is told that the offset moved on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from hashlib import file_digest
from unicodedata import normalize
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from contributions import problems
from contributions.blobs import purge_after_commit
from contributions.calls.trial import Trial
from contributions.intake.drafts import attach_file
from contributions.intake.look import Look
from contributions.intake.services import (
    CONTENT_TYPE_LENGTH_MAX,
    FILENAME_LENGTH_MAX,
    require_party,
    submit,
    too_large,
    try_out,
)
from contributions.models import Contribution, Draft, Upload, UploadEnd, UploadPart
from contributions.uploads.assembled import assembled
from dure.accounts.acting import Actor
from dure.accounts.models import Person
from dure.core.blobs import purge, store_bytes
from dure.core.clock import now
from dure.core.ids import new_id
from dure.core.problems import FieldError

BATCH = 200
#: How long a closed upload is remembered, so that its address can say that it was.
REMEMBERED = timedelta(days=7)


@transaction.atomic
def begin(
    *, acting: Actor, party_id: UUID, length: int, filename: str = "", content_type: str = ""
) -> Upload:
    """An empty upload of `length` bytes; raises NOT_FOR_PARTY, FILE_TOO_LARGE, UPLOADS_TOO_MANY."""
    require_party(acting, party_id)
    if length > settings.UPLOAD_SIZE_MAX:
        raise too_large(settings.UPLOAD_SIZE_MAX)
    # Two that begin at once are counted one after the other.
    person = Person.objects.select_for_update(of=("self",)).get(id=acting.require_person().id)
    moment = now()
    if Upload.objects.filter(person=person, closed_at=None).count() >= settings.UPLOADS_OPEN_MAX:
        message = _("At most %(count)d uploads can be open at a time.") % {
            "count": settings.UPLOADS_OPEN_MAX
        }
        raise problems.UPLOADS_TOO_MANY.problem(
            errors=[FieldError(field="upload", message=message, code="too-many")]
        )
    return Upload.objects.create(
        id=new_id(),
        person=person,
        party_id=party_id,
        filename=normalize("NFC", filename)[-FILENAME_LENGTH_MAX:],
        content_type=content_type[:CONTENT_TYPE_LENGTH_MAX],
        length=length,
        created_at=moment,
        expires_at=moment + _lifetime(),
    )


@transaction.atomic
def append(*, acting: Actor, upload_id: UUID, offset: int, piece: bytes) -> Upload:
    """Add a piece at an offset; raises UPLOAD_UNKNOWN, OFFSET_CONFLICT, FILE_TOO_LARGE."""
    upload = locked(acting=acting, upload_id=upload_id)
    if upload.offset != offset:
        raise problems.OFFSET_CONFLICT.problem(headers={"Upload-Offset": str(upload.offset)})
    if offset + len(piece) > upload.length:
        raise too_large(upload.length)
    if not piece:
        return upload
    blob = store_bytes(piece, owner=upload.party_id)
    UploadPart.objects.create(upload=upload, start=offset, size=len(piece), blob=blob)
    upload.offset += len(piece)
    upload.expires_at = now() + _lifetime()
    upload.save()
    return upload


@transaction.atomic
def terminate(*, acting: Actor, upload_id: UUID) -> None:
    """Give an upload up; what arrived is purged. Raises UPLOAD_UNKNOWN."""
    close(locked(acting=acting, upload_id=upload_id), UploadEnd.TERMINATED)


@transaction.atomic
def submit_upload(
    *,
    acting: Actor,
    upload_id: UUID,
    party_id: UUID,
    call_slug: str,
    purposes: Sequence[str],
    language: str,
) -> Contribution:
    """Hand a complete upload in, once; raises UPLOAD_UNKNOWN, UPLOAD_INCOMPLETE, and as `submit`.

    Where it is refused, the upload stays as it is.
    """
    upload = _complete(acting=acting, upload_id=upload_id)
    contribution = submit(
        acting=acting,
        party_id=party_id,
        call_slug=call_slug,
        stream=assembled(upload),
        filename=upload.filename,
        content_type=upload.content_type,
        purposes=purposes,
        language=language,
    )
    close(upload, UploadEnd.USED)
    return contribution


@transaction.atomic
def attach_upload(*, acting: Actor, draft_id: UUID, upload_id: UUID) -> Draft:
    """Make a complete upload the file of a draft, once; raises as `attach_file` does."""
    upload = _complete(acting=acting, upload_id=upload_id)
    draft = attach_file(
        acting=acting,
        draft_id=draft_id,
        stream=assembled(upload),
        filename=upload.filename,
        content_type=upload.content_type,
    )
    close(upload, UploadEnd.USED)
    return draft


@transaction.atomic
def try_out_upload(*, acting: Actor, upload_id: UUID, call_slug: str) -> tuple[Look, Trial | None]:
    """What `try_out` says of a complete upload, which stays as it is."""
    upload = _complete(acting=acting, upload_id=upload_id)
    return try_out(
        acting=acting,
        call_slug=call_slug,
        stream=assembled(upload),
        filename=upload.filename,
        content_type=upload.content_type,
    )


@transaction.atomic
def digest_of(*, acting: Actor, upload_id: UUID) -> str:
    """SHA-256 of a complete upload, also of one that was used, so that a request can be repeated.

    Raises UPLOAD_UNKNOWN, UPLOAD_INCOMPLETE.
    """
    used = Upload.objects.filter(
        id=upload_id,
        person=acting.require_person(),
        party_id__in=acting.acting_parties,
        end=UploadEnd.USED,
    ).exclude(sha256="")
    known = used.values_list("sha256", flat=True).first()
    if known is not None:
        return known
    upload = _complete(acting=acting, upload_id=upload_id)
    if not upload.sha256:
        upload.sha256 = file_digest(assembled(upload), "sha256").hexdigest()
        upload.save()
    return upload.sha256


def locked(*, acting: Actor, upload_id: UUID) -> Upload:
    """An open upload of this person, locked; closed, expired and foreign ones answer alike."""
    upload = (
        Upload.objects.select_for_update(of=("self",))
        .filter(
            id=upload_id,
            person=acting.require_person(),
            party_id__in=acting.acting_parties,
            closed_at=None,
            expires_at__gt=now(),
        )
        .first()
    )
    if upload is None:
        raise problems.UPLOAD_UNKNOWN.problem()
    return upload


def close(upload: Upload, end: UploadEnd) -> None:
    """Close a locked upload: its name is forgotten and its pieces are purged."""
    upload.end, upload.closed_at, upload.filename = end, now(), ""
    upload.save()
    for part in UploadPart.objects.filter(upload=upload).select_related("blob"):
        purge_after_commit(part.blob)


def sweep_uploads() -> int:
    """Close what expired, finish purges that were decided, forget old ones; returns how many."""
    with transaction.atomic():
        expired = Upload.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            closed_at=None, expires_at__lte=now()
        )[:BATCH]
        for upload in expired:
            close(upload, UploadEnd.EXPIRED)
        closed = len(expired)
    left = UploadPart.objects.filter(upload__closed_at__isnull=False, blob__purged_at=None)
    for part in left.select_related("blob")[:BATCH]:
        purge(part.blob)
    UploadPart.objects.filter(
        upload__closed_at__isnull=False, blob__purged_at__isnull=False
    ).delete()
    Upload.objects.filter(closed_at__lt=now() - REMEMBERED, parts=None).delete()
    return closed


def _complete(*, acting: Actor, upload_id: UUID) -> Upload:
    upload = locked(acting=acting, upload_id=upload_id)
    if not upload.complete:
        raise problems.UPLOAD_INCOMPLETE.problem(headers={"Upload-Offset": str(upload.offset)})
    return upload


def _lifetime() -> timedelta:
    return timedelta(hours=settings.UPLOAD_HOURS)
