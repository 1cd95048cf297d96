"""News this room listens to; each effect commits together with the note that it happened."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.db import transaction

from contributions.withdrawal.services import exclude_from_later_use
from dure.core.outbox import Event, receiver


@receiver("contribution.received", name="contributions.pipeline.start")
def start_checking(event: Event) -> None:
    from contributions.pipeline.tasks import start  # loads Celery, which the web needs only here

    contribution_id = UUID(str(event.payload["contribution"]))
    transaction.on_commit(partial(start, contribution_id))


@receiver("consent.withdrawn", name="contributions.withdrawal.exclude")
def follow_withdrawn_consent(event: Event) -> None:
    exclude_from_later_use(
        party_id=UUID(str(event.payload["party"])),
        call_slug=str(event.payload["scope"]),
        purpose=str(event.payload["purpose"]),
    )
