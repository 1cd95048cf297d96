"""Drafts: prepared step by step in the portal, kept until they are handed in or thrown away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, BinaryIO
from unicodedata import normalize
from uuid import UUID

from django.db import transaction

from contributions import problems
from contributions.blobs import purge_after_commit
from contributions.intake.consent import record_decisions
from contributions.intake.look import Look, refuse_wrong_columns
from contributions.intake.services import first_look, keep, receive, require_party
from contributions.models import Contribution, Draft
from contributions.selectors.calls import open_version
from dure.accounts.acting import Actor
from dure.core.clock import now

#: How long a draft that nobody touches is kept; the page on privacy says so.
KEPT = timedelta(days=90)
BATCH = 200


@transaction.atomic
def start_draft(*, acting: Actor, party_id: UUID, call_slug: str) -> Draft:
    """The open draft of this person for this party and call; a new one where there is none."""
    version = open_version(call_slug)
    require_party(acting, party_id)
    moment = now()
    draft, _new = Draft.objects.get_or_create(
        party_id=party_id,
        person=acting.require_person(),
        call=version.call,
        contribution=None,
        discarded_at=None,
        defaults={"created_at": moment, "updated_at": moment},
    )
    return draft


def _locked(acting: Actor, draft_id: UUID) -> Draft:
    draft = (
        Draft.objects.select_for_update(of=("self",))
        .select_related("call", "contribution", "blob")
        .filter(id=draft_id, person=acting.require_person(), discarded_at=None)
        .first()
    )
    if draft is None or not acting.acts_for(draft.party_id):
        raise problems.DRAFT_UNKNOWN.problem()
    return draft


def _open(acting: Actor, draft_id: UUID) -> Draft:
    draft = _locked(acting, draft_id)
    if draft.contribution_id is not None:
        raise problems.DRAFT_UNKNOWN.problem()
    return draft


def draft_for(*, acting: Actor, draft_id: UUID) -> Draft:
    """A draft of this person, also when it was handed in; raises DRAFT_UNKNOWN."""
    draft = (
        Draft.objects.select_related("call", "contribution", "blob")
        .filter(id=draft_id, person=acting.require_person(), discarded_at=None)
        .first()
    )
    if draft is None or not acting.acts_for(draft.party_id):
        raise problems.DRAFT_UNKNOWN.problem()
    return draft


def newest_draft(*, acting: Actor, call_slug: str) -> Draft | None:
    """What this person was preparing last for a call and has not handed in: in whichever session
    or on whichever device that was."""
    found = (
        Draft.objects.select_related("call", "contribution", "blob")
        .filter(
            person=acting.require_person(),
            call__slug=call_slug,
            contribution=None,
            discarded_at=None,
        )
        .order_by("-updated_at")
        .first()
    )
    return found if found is not None and acting.acts_for(found.party_id) else None


@transaction.atomic
def attach_file(
    *, acting: Actor, draft_id: UUID, stream: BinaryIO, filename: str, content_type: str
) -> Draft:
    """Keep a file with the draft and look at it; on a Problem the earlier file stays.

    Wrong columns are no reason to refuse here: the look names them. Raises DRAFT_UNKNOWN,
    CALL_CLOSED, FILE_EMPTY, FILE_UNREADABLE, FILE_TOO_LARGE.
    """
    draft = _open(acting, draft_id)
    version = open_version(draft.call.slug)
    head, look = first_look(stream, filename=filename, content_type=content_type, version=version)
    earlier = draft.blob
    draft.blob = keep(head, stream, party_id=draft.party_id)
    # Some systems write Hangul in pieces; readers and programs expect whole syllables.
    draft.filename = normalize("NFC", filename)[-255:]
    draft.content_type = content_type[:120]
    draft.look = look.as_json()
    draft.updated_at = now()
    draft.save()
    if earlier is not None:
        purge_after_commit(earlier)
    return draft


@transaction.atomic
def remember(*, acting: Actor, draft_id: UUID, steps: Mapping[str, Any]) -> Draft:  # Any: JSON
    """Keep what the pages of the portal want to know again; members are replaced one by one."""
    draft = _open(acting, draft_id)
    draft.steps = {**draft.steps, **steps}
    draft.updated_at = now()
    draft.save()
    return draft


def look_at_draft(*, acting: Actor, draft_id: UUID) -> Look:
    """What the attached file shows; raises FILE_MISSING where none is attached."""
    draft = draft_for(acting=acting, draft_id=draft_id)
    if draft.blob is None:
        raise problems.FILE_MISSING.problem()
    return Look.from_json(draft.look)


@transaction.atomic
def submit_draft(
    *, acting: Actor, draft_id: UUID, purposes: Sequence[str], language: str
) -> Contribution:
    """Hand a draft in. A second click returns the same contribution and changes nothing.

    Raises DRAFT_UNKNOWN, FILE_MISSING, COLUMNS_WRONG, and what `submit` raises for a call and
    its consents; then the draft stays as it was.
    """
    draft = _locked(acting, draft_id)
    if draft.contribution is not None:
        return draft.contribution
    version = open_version(draft.call.slug)
    if draft.blob is None:
        raise problems.FILE_MISSING.problem()
    refuse_wrong_columns(Look.from_json(draft.look))
    record_decisions(
        acting=acting,
        party_id=draft.party_id,
        version=version,
        purposes=purposes,
        language=language,
    )
    contribution = receive(
        acting=acting,
        party_id=draft.party_id,
        version=version,
        blob=draft.blob,
        filename=draft.filename,
        content_type=draft.content_type,
    )
    draft.contribution = contribution
    draft.updated_at = now()
    draft.save()
    return contribution


@transaction.atomic
def discard_draft(*, acting: Actor, draft_id: UUID) -> None:
    """Throw a draft and its file away; raises DRAFT_UNKNOWN once it was handed in."""
    draft = _open(acting, draft_id)
    draft.discarded_at = now()
    draft.save()
    if draft.blob is not None:
        purge_after_commit(draft.blob)


@transaction.atomic
def sweep_drafts() -> int:
    """Throw away drafts that nobody touched for long, with their files; returns how many."""
    moment = now()
    old = (
        Draft.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("blob")
        .filter(contribution=None, discarded_at=None, updated_at__lt=moment - KEPT)
        .order_by("updated_at")[:BATCH]
    )
    for draft in old:
        draft.discarded_at = moment
        draft.save(update_fields=["discarded_at"])
        if draft.blob is not None:
            purge_after_commit(draft.blob)
    return len(old)
