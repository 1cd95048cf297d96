"""How a contribution ends before acceptance: its state, its reason, its files gone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from contributions.blobs import purge_files
from contributions.intake.consent import missing_for
from contributions.models import Contribution, Stage, State
from contributions.models.contributions import MOVING
from contributions.news import tell
from contributions.pipeline.clusters import hold, release
from dure.accounts.acting import Actor
from dure.core.clock import now

WORKER = Actor.system("worker")
#: Stages before which a contribution has no part in any cluster.
CLUSTERED = (Stage.DUPLICATES, Stage.REPRESENTATIVENESS)


class Ending(Exception):
    """Raised by a stage: the contribution ends here, and this is what its owner reads."""

    def __init__(self, state: State, rule: str, **params: Any) -> None:  # Any: sentence's words
        super().__init__(rule)
        self.state = state
        self.rule = rule
        self.params = params


@transaction.atomic
def end(contribution_id: UUID, ending: Ending, *, claim: UUID | None) -> bool:
    """Bring a contribution to a terminal state, once; False where somebody else moved it on.

    `claim` is the caller's claim, or None for one who needs none (the sweep, consent). The files
    are purged, fingerprints released; findings and counts stay for the owner to read. What is
    returned keeps its files for a while, to be corrected.
    """
    moving = Contribution.objects.filter(id=contribution_id, state__in=MOVING)
    if claim is not None:
        moving = moving.filter(claim=claim)
    # Whoever changes clusters takes the lock of the call before that of a contribution.
    at = moving.values_list("call_id", "stage").first()
    if at is None:
        return False
    if claim is None or at[1] in CLUSTERED:
        hold(at[0])
    contribution = (
        moving.select_for_update(of=("self",))
        .select_related("call", "call_version", "source", "records", "outcome")
        .first()
    )
    if contribution is None:
        return False
    contribution.state = ending.state
    contribution.reason_rule = ending.rule
    contribution.reason_params = ending.params
    # A trigger keeps 0 ≤ mass; nothing that ended here weighs anything.
    contribution.accepted = contribution.mass = 0
    contribution.claim = contribution.lease_until = None
    contribution.updated_at = now()
    if ending.state == State.RETURNED:
        contribution.correctable_until = now() + timedelta(days=settings.CORRECTION_DAYS)
    contribution.save()
    release([contribution])
    if ending.state != State.RETURNED:
        purge_files(contribution)
    tell(contribution, acting=WORKER, event=ending.state.value)
    return True


def end_withdrawn_consent(contribution: Contribution) -> bool:
    """End as withdrawn where a required consent is no longer in force; True when it was ended."""
    missing = missing_for(contribution)
    if not missing:
        return False
    end(
        contribution.id,
        Ending(State.WITHDRAWN, "consent-withdrawn", purpose=missing[0]),
        claim=contribution.claim,
    )
    return True
