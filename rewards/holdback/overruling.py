"""What a granted objection to an upheld finding gives back: once, by a new transfer, by two people.

The answer to the objection (governance.rights) says that the finding falls; it moves nothing. A
second person has the amount paid, out of the pool it had gone back to. The transfer names the one
that had taken it (its ``reference``), and PostgreSQL keeps both in one row (OverruledFinding).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core import outbox
from dure.core.canonical import Json
from dure.core.clock import now
from dure.core.money import format_amount
from dure.core.problems import NOT_FOUND
from governance.log.services import record
from governance.models import Objection, RequestState
from rewards.epochs.facts import available
from rewards.epochs.keys import GIVEN_BACK, given_back_key, lock_epochs
from rewards.holdback.services import lock_held
from rewards.ledger.orders import TransferOrder
from rewards.ledger.services import post
from rewards.models import (
    CheckState,
    ClaimCheck,
    EpochInput,
    HeldReward,
    Hold,
    OverruledFinding,
    Transfer,
    TransferState,
)
from rewards.problems import INSUFFICIENT, NOTHING_TO_GIVE_BACK, OVERRULING_SAME_PERSON


class Granted(NamedTuple):
    """A granted objection that an upheld finding has to yield to."""

    check: UUID
    objection: UUID
    granted_by: UUID
    at: datetime


def granted_against(checks: Iterable[ClaimCheck]) -> dict[UUID, Granted]:
    """Granted objections, by check, of upheld findings whose settlement stands.

    Counted are objections to the reward of that contribution, by its owner, granted whole after
    the finding was upheld by somebody who took no part in it.
    """
    upheld = {
        (check.contribution.party_id, check.contribution.receipt): check
        for check in checks
        if check.state == CheckState.UPHELD
    }
    if not upheld:
        return {}
    standing = set(
        EpochInput.objects.filter(
            contribution__in=[check.contribution_id for check in upheld.values()]
        ).values_list("epoch_id", "contribution_id")
    )
    granted = Objection.objects.filter(
        party__in={party for party, _ in upheld},
        subject_kind="reward",
        subject_id__in={receipt for _, receipt in upheld},
        state=RequestState.GRANTED,
    ).order_by("-answered_at")
    found: dict[UUID, Granted] = {}
    for objection in granted:
        check = upheld.get((objection.party_id, objection.subject_id))
        by, at = objection.answered_by_id, objection.answered_at
        if check is None or by is None or at is None or check.decided_at is None:
            continue
        stands = (check.drawing.epoch_id, check.contribution_id) in standing
        if stands and at >= check.decided_at and by not in (check.checker_id, check.decider_id):
            found[check.id] = Granted(check.id, objection.id, by, at)  # the earliest stays
    return found


def waiting_to_be_given_back() -> list[ClaimCheck]:
    """Upheld findings with a granted objection whose amount nobody has had paid yet."""
    receipts = Objection.objects.filter(subject_kind="reward", state=RequestState.GRANTED)
    checks = list(
        ClaimCheck.objects.filter(
            state=CheckState.UPHELD, contribution__receipt__in=receipts.values("subject_id")
        )
        .select_related("contribution", "drawing__epoch__call")
        .order_by("decided_at", "id")
    )
    granted = granted_against(checks)
    return [check for check in checks if check.id in granted]


@transaction.atomic
def give_back(*, acting: Actor, check_id: UUID) -> OverruledFinding:
    """Overrule an upheld finding whose owner's objection was granted: the amount is paid, once.

    Approvers. NOTHING_TO_GIVE_BACK (409) without such an objection, for a settlement that was
    taken back, and the second time; OVERRULING_SAME_PERSON (403) for whoever upheld the finding,
    granted the objection or owns the contribution; INSUFFICIENT (409) where the pool has no more
    than what closed settlements promise.
    """
    acting.require(Role.APPROVER)
    approver = acting.require_person()
    check, granted = _locked(check_id)
    held = HeldReward.objects.select_related("epoch__call").get(
        epoch=check.drawing.epoch_id, contribution=check.contribution_id
    )
    party = check.contribution.party_id
    if approver.id in (check.decider_id, granted.granted_by) or (
        acting.acts_for(party) or Actor.for_person(approver).acts_for(party)
    ):
        raise OVERRULING_SAME_PERSON.problem()
    lock_held(held.hold_id)
    if available(held.epoch.call, held.epoch.asset) < held.amount:
        raise INSUFFICIENT.problem()
    voided = Transfer.objects.get(pending_id=held.hold_id, state=TransferState.VOID)
    way = Hold.objects.get(transfer_id=held.hold_id)
    order = TransferOrder.between(
        key=given_back_key(voided.id),
        kind=GIVEN_BACK,
        source=way.source_id,
        target=way.target_id,
        amount=held.amount,
        reference=f"transfer:{voided.id}",
    )
    (posted,) = post(acting=acting, transfers=[order])
    payload: dict[str, Json] = {
        "check": str(check.id),
        "drawing": str(check.drawing_id),
        "position": check.position,
        "objection": str(granted.objection),
        "voided": str(voided.id),
        "transfer": str(posted.transfer_id),
        "asset": held.epoch.asset,
        "amount": format_amount(held.amount),
    }
    entry = record(kind="claim.finding_overruled", acting=acting, subject=party, payload=payload)
    row = OverruledFinding.objects.create(
        check_of=check,
        objection_id=granted.objection,
        granted_by_id=granted.granted_by,
        approver=approver,
        voided=voided,
        transfer_id=posted.transfer_id,
        paid_at=now(),
        log_entry=entry.id,
    )
    check.state = CheckState.OVERRULED
    check.save(update_fields=["state"])
    outbox.publish(kind="claim.finding_overruled", subject=str(check.id), payload=payload)
    return row


def _locked(check_id: UUID) -> tuple[ClaimCheck, Granted]:
    """The check and the objection, with nobody else deciding about them or their settlement."""
    known = ClaimCheck.objects.select_related("drawing__epoch__call").filter(id=check_id).first()
    if known is None:
        raise NOT_FOUND.problem()
    lock_epochs(known.drawing.epoch.call)
    check = (
        ClaimCheck.objects.select_for_update(of=("self",))
        .select_related("drawing", "contribution")
        .get(id=check_id)
    )
    granted = granted_against([check]).get(check.id)
    if granted is None:
        raise NOTHING_TO_GIVE_BACK.problem()
    return check, granted
