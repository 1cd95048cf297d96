"""News that releases listen to; each effect commits together with the note that it happened."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.db import transaction

from contributions.releases.patching import request_patches
from contributions.releases.services import supersede_recalled
from dure.core.outbox import Event, receiver


@receiver("release.requested", name="contributions.releases.start")
def start_building(event: Event) -> None:
    from contributions.releases.tasks import start  # loads Celery, which the web needs only here

    release_id = UUID(str(event.payload["release"]))
    transaction.on_commit(partial(start, release_id))


@receiver("release.superseded", name="contributions.releases.patch")
def ask_for_a_patch(event: Event) -> None:
    request_patches(call_slug=str(event.payload["call"]))


@receiver("contribution.withdrawn", name="contributions.releases.recall")
def recall_withdrawn_records(event: Event) -> None:
    supersede_recalled(call_slug=str(event.payload["call"]))


@receiver("consent.ended", name="contributions.releases.recall_unconsented")
def recall_unconsented_records(event: Event) -> None:
    supersede_recalled(call_slug=str(event.payload["scope"]))


@receiver("consent.refused", name="contributions.releases.recall_refused")
def recall_refused_records(event: Event) -> None:
    """A no to a third party takes a record out of what is open to everybody, them included."""
    if event.payload.get("recipient"):
        supersede_recalled(call_slug=str(event.payload["scope"]))


@receiver("party.restricted", name="contributions.releases.recall_restricted")
def recall_restricted_records(event: Event) -> None:
    supersede_recalled()
