"""What operators may do with a contribution that stands still: have it tried again, or end it."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from contributions import problems
from contributions.models import Contribution, State
from contributions.models.contributions import MOVING
from contributions.pipeline.endings import Ending, end
from contributions.pipeline.sweep import QUIET
from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core.clock import now

SET_ASIDE = "set-aside-by-operator"


@transaction.atomic
def try_again(*, acting: Actor, receipt: str) -> None:
    """Have a contribution taken up at the next sweep, with all its attempts before it.

    Raises CONTRIBUTION_UNKNOWN, and STILL_AT_WORK while a worker holds it or once it has ended.
    """
    acting.require(Role.OPERATOR)
    found = Contribution.objects.filter(receipt=receipt)
    if not found.exists():
        raise problems.CONTRIBUTION_UNKNOWN.problem()
    moment = now()
    free = Q(claim=None) | Q(lease_until=None) | Q(lease_until__lt=moment)
    moved = found.filter(free, state__in=MOVING).update(
        attempts=0,
        claim=None,
        lease_until=None,
        nudged_at=moment - QUIET - timedelta(seconds=1),
        updated_at=moment,
    )
    if not moved:
        raise problems.STILL_AT_WORK.problem()


def set_aside(*, acting: Actor, receipt: str) -> None:
    """End a contribution that cannot be checked; its owner reads that the fault is ours.

    Raises CONTRIBUTION_UNKNOWN, and STILL_AT_WORK once it has ended another way.
    """
    acting.require(Role.OPERATOR)
    contribution_id = (
        Contribution.objects.filter(receipt=receipt).values_list("id", flat=True).first()
    )
    if contribution_id is None:
        raise problems.CONTRIBUTION_UNKNOWN.problem()
    if not end(contribution_id, Ending(State.FAILED, SET_ASIDE), claim=None):
        raise problems.STILL_AT_WORK.problem()
