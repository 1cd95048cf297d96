"""Taking a contribution in: consent, a quick look, encrypted storage, a receipt at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import BinaryIO
from unicodedata import normalize
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from contributions import problems
from contributions.calls.trial import Trial, rehearse
from contributions.intake.consent import record_decisions
from contributions.intake.look import HEAD_BYTES, Look, look_at, refuse_wrong_columns
from contributions.intake.rejoined import rejoined
from contributions.models import CallVersion, Contribution, State
from contributions.news import tell
from contributions.selectors.calls import open_version
from dure.accounts.acting import Actor
from dure.core.blobs import TooLarge, store
from dure.core.clock import now
from dure.core.ids import new_id, new_receipt
from dure.core.models import Blob
from dure.core.problems import FieldError, Problem

#: Every contribution ends within this time, one way or another.
DEADLINE = timedelta(hours=2)
FILENAME_LENGTH_MAX = 255
CONTENT_TYPE_LENGTH_MAX = 120


@transaction.atomic
def submit(
    *,
    acting: Actor,
    party_id: UUID,
    call_slug: str,
    stream: BinaryIO,
    filename: str,
    content_type: str,
    purposes: Sequence[str],
    language: str,
) -> Contribution:
    """Take a file in for a call and return its contribution with a receipt number.

    `purposes` named here are recorded as consented to. Raises CALL_UNKNOWN, CALL_CLOSED,
    NOT_FOR_PARTY, PURPOSE_UNKNOWN, CONSENT_MISSING, FILE_EMPTY, FILE_UNREADABLE, COLUMNS_WRONG,
    FILE_TOO_LARGE; then nothing was changed.
    """
    version = open_version(call_slug)
    require_party(acting, party_id)
    head, look = first_look(stream, filename=filename, content_type=content_type, version=version)
    refuse_wrong_columns(look)
    record_decisions(
        acting=acting, party_id=party_id, version=version, purposes=purposes, language=language
    )
    blob = keep(head, stream, party_id=party_id)
    return receive(
        acting=acting,
        party_id=party_id,
        version=version,
        blob=blob,
        filename=filename,
        content_type=content_type,
    )


def try_out(
    *, acting: Actor, call_slug: str, stream: BinaryIO, filename: str, content_type: str
) -> tuple[Look, Trial | None]:
    """The first rows as they are understood, and how the whole file would end.

    Nothing is stored and nothing is decided. Without an ending where columns are missing, and
    where the file is too large for a dry run.
    """
    version = open_version(call_slug)
    acting.require_person()
    head, look = first_look(stream, filename=filename, content_type=content_type, version=version)
    if not look.fits:
        return look, None
    whole = rejoined(head, stream)
    return look, rehearse(
        version=version, stream=whole, filename=filename, content_type=content_type
    )


def require_party(acting: Actor, party_id: UUID) -> None:
    """Raise unless the actor is the party or a member of it."""
    acting.require_person()
    if not acting.acts_for(party_id):
        raise problems.NOT_FOR_PARTY.problem()


def first_look(
    stream: BinaryIO, *, filename: str, content_type: str, version: CallVersion
) -> tuple[bytes, Look]:
    """The beginning of a stream, and what it shows."""
    head = stream.read(HEAD_BYTES)
    if not head:
        raise problems.FILE_EMPTY.problem()
    look = look_at(head, filename=filename, content_type=content_type, version=version)
    return head, look


def keep(head: bytes, rest: BinaryIO, *, party_id: UUID) -> Blob:
    """Store head and rest of a stream under the party's key; raises FILE_TOO_LARGE."""
    try:
        return store(rejoined(head, rest), owner=party_id, size_limit=settings.UPLOAD_SIZE_MAX)
    except TooLarge as excess:
        raise too_large(excess.size_limit) from None


def too_large(size_limit: int) -> Problem:
    """The problem of a file beyond the limit, naming the limit."""
    message = _("The limit is %(megabytes)d MB.") % {"megabytes": size_limit // 2**20}
    return problems.FILE_TOO_LARGE.problem(
        errors=[FieldError(field="file", message=message, code="too-large")]
    )


def receive(
    *,
    acting: Actor,
    party_id: UUID,
    version: CallVersion,
    blob: Blob,
    filename: str,
    content_type: str,
) -> Contribution:
    """Write the contribution, its log entry and its event; runs inside the caller's transaction."""
    moment = now()
    contribution = Contribution(
        id=new_id(),
        call=version.call,
        call_version=version,
        party_id=party_id,
        submitted_by=acting.person,
        source=blob,
        filename=normalize("NFC", filename)[-FILENAME_LENGTH_MAX:],
        content_type=content_type[:CONTENT_TYPE_LENGTH_MAX],
        state=State.RECEIVED,
        nudged_at=moment,
        deadline_at=moment + DEADLINE,
        test=acting.tests,
        excluded_at=moment if acting.tests else None,
        submitted_at=moment,
        updated_at=moment,
    )
    for _attempt in range(5):
        contribution.receipt = new_receipt(moment.year)
        try:
            with transaction.atomic():
                contribution.log_entry = tell(contribution, acting=acting, event="received")
                contribution.save(force_insert=True)
        except IntegrityError:
            if not Contribution.objects.filter(receipt=contribution.receipt).exists():
                raise
        else:
            return contribution
    raise RuntimeError("no free receipt number")
