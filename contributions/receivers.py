"""News this room listens to; each effect commits together with the note that it happened."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.db import transaction

from contributions.models import Contribution, Stage
from contributions.models.contributions import MOVING
from contributions.withdrawal.services import exclude_from_later_use
from dure.core.outbox import Event, receiver


@receiver("contribution.received", name="contributions.pipeline.start")
def start_checking(event: Event) -> None:
    from contributions.pipeline.tasks import start  # loads Celery, which the web needs only here

    contribution_id = UUID(str(event.payload["contribution"]))
    transaction.on_commit(partial(start, contribution_id))


@receiver("contribution.corrected", name="contributions.pipeline.start_again")
def start_again(event: Event) -> None:
    start_checking(event)


@receiver("contribution.recounted", name="contributions.pipeline.go_on")
def go_on(event: Event) -> None:
    """What was still being checked when its records changed is taken up again."""
    from contributions.pipeline.tasks import start

    contribution_id = UUID(str(event.payload["contribution"]))
    moving = Contribution.objects.filter(id=contribution_id, state__in=MOVING)
    for stage in moving.values_list("stage", flat=True):
        transaction.on_commit(partial(start, contribution_id, Stage(stage)))


@receiver("consent.ended", name="contributions.withdrawal.exclude")
def follow_withdrawn_consent(event: Event) -> None:
    """A consent that ended, however; what only a third party was to receive changes nothing."""
    if event.payload.get("recipient"):
        return
    exclude_from_later_use(
        party_id=UUID(str(event.payload["party"])),
        call_slug=str(event.payload["scope"]),
        purpose=str(event.payload["purpose"]),
    )
