"""Taking a contribution back, and what the withdrawal of a consent does to contributions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from contributions import problems
from contributions.blobs import purge_files
from contributions.models import Call, Contribution, State
from contributions.models.contributions import MOVING
from contributions.news import tell_all
from contributions.pipeline.clusters import hold, hold_with_heirs, release
from contributions.pipeline.endings import Ending, end
from contributions.selectors.contributions import of_the_keys_kind
from dure.accounts.acting import Actor
from dure.core.clock import now
from dure.core.ids import RECEIPT

#: States that hold data which can be taken back.
WITHDRAWABLE = (*MOVING, State.ACCEPTED, State.RETURNED)
#: The reason of what its owner stopped while it was being checked.
CANCELLED = "cancelled-by-owner"


@transaction.atomic
def withdraw(*, acting: Actor, receipt: str) -> Contribution:
    """Take a contribution back: from this commit on it is in no later use.

    Its files are purged and its mass leaves the stock. What was paid for it stays paid; unless an
    epoch has settled it, its records count for whoever sent them next, or may come again. Asking
    twice changes nothing. Raises CONTRIBUTION_UNKNOWN for unknown and foreign receipts alike,
    CONTRIBUTION_ENDED where it holds no data any more.
    """
    contribution = locked(acting=acting, receipt=receipt)
    if contribution.state == State.WITHDRAWN:
        return contribution
    if contribution.state not in WITHDRAWABLE:
        raise problems.CONTRIBUTION_ENDED.problem()
    take_back([contribution], acting=acting, rule="withdrawn-by-owner")
    return contribution


@transaction.atomic
def cancel(*, acting: Actor, receipt: str) -> Contribution:
    """Stop what is still being checked; it ends as withdrawn. Asking twice changes nothing.

    Raises CONTRIBUTION_UNKNOWN, and NOTHING_TO_CANCEL once checking has ended.
    """
    contribution = locked(acting=acting, receipt=receipt)
    if contribution.state == State.WITHDRAWN and contribution.reason_rule == CANCELLED:
        return contribution
    if contribution.state not in MOVING:
        raise problems.NOTHING_TO_CANCEL.problem()
    take_back([contribution], acting=acting, rule=CANCELLED)
    return contribution


def locked(*, acting: Actor, receipt: str) -> Contribution:
    """A contribution of the actor's parties, locked with those that wait for its records.

    Raises CONTRIBUTION_UNKNOWN for unknown and foreign receipts alike.
    """
    mine = of_the_keys_kind(
        acting, Contribution.objects.filter(receipt=receipt, party_id__in=acting.acting_parties)
    )
    found = mine.values_list("id", "call_id").first() if RECEIPT.match(receipt) else None
    if found is None:
        raise problems.CONTRIBUTION_UNKNOWN.problem()
    hold_with_heirs(*found)
    return (
        Contribution.objects.select_for_update(of=("self",))
        .select_related("call", "call_version", "source", "records", "outcome")
        .get(id=found[0])
    )


def take_back(held: Sequence[Contribution], *, acting: Actor, rule: str) -> None:
    """Withdraw locked contributions; runs inside the caller's transaction.

    A few statements for all of them: whoever leaves may have contributed ten thousand times.
    """
    change: dict[str, Any] = {  # Any: the values of fields
        "state": State.WITHDRAWN,
        "reason_rule": rule,
        "reason_params": {},
        "claim": None,
        "lease_until": None,
        "updated_at": now(),
    }
    Contribution.objects.filter(id__in=[each.id for each in held]).update(**change)
    for each in held:
        for name, value in change.items():
            setattr(each, name, value)
    release(held)
    purge_files(*held)
    tell_all(held, acting=acting, event="withdrawn")


def exclude_from_later_use(*, party_id: UUID, call_slug: str, purpose: str) -> None:
    """A consent was withdrawn: where the call requires the purpose, nothing is used any more.

    What is still being checked ends as withdrawn; what was accepted stays in the epochs that were
    paid and is excluded from every later use.
    """
    for call_id in Call.objects.filter(slug=call_slug).values_list("id", flat=True):
        hold(call_id)
    touched = Contribution.objects.filter(party_id=party_id, call__slug=call_slug, test=False)
    # First what moves: a worker that is just accepting holds the row, so it is seen as accepted
    # by the second query.
    moving = touched.filter(state__in=MOVING).select_related("call_version")
    for contribution in moving:
        if requires(contribution, purpose):
            end(
                contribution.id,
                Ending(State.WITHDRAWN, "consent-withdrawn", purpose=purpose),
                claim=None,
            )
    accepted = touched.filter(state=State.ACCEPTED, excluded_at=None)
    ids = [
        contribution.id
        for contribution in accepted.select_related("call_version")
        if requires(contribution, purpose)
    ]
    Contribution.objects.filter(id__in=ids).update(excluded_at=now())
    # They can never be settled now, so their records need not wait for them.
    release(list(Contribution.objects.filter(id__in=ids).order_by("id")))


def requires(contribution: Contribution, purpose: str) -> bool:
    """Whether the version a contribution was made under cannot do without a purpose."""
    return any(
        asked["key"] == purpose and asked["required"]
        for asked in contribution.call_version.document["purposes"]
    )
