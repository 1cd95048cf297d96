"""What a granted objection to an upheld finding gives back: once, by a new transfer, by two people.

The answer to the objection (governance.rights) says that the finding falls; it moves nothing. A
second person has the amount paid, out of the pool it had gone back to: all of it, or the part that
the answer named. The transfer names the one that had taken it (its ``reference``), and PostgreSQL
keeps both in one row (OverruledFinding).
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core import outbox
from dure.core.canonical import Json
from dure.core.clock import now
from dure.core.money import format_amount, parse_amount
from dure.core.problems import NOT_FOUND, FieldError
from governance.log.services import record
from governance.models import Objection
from rewards.epochs.facts import available
from rewards.epochs.keys import GIVEN_BACK, given_back_key, lock_epochs
from rewards.holdback.giving_back import Granted, grantable, granted_against
from rewards.holdback.services import lock_held
from rewards.ledger.orders import TransferOrder
from rewards.ledger.services import post
from rewards.models import (
    CheckState,
    ClaimCheck,
    GrantedPart,
    HeldReward,
    Hold,
    OverruledFinding,
    Transfer,
    TransferState,
)
from rewards.problems import (
    INSUFFICIENT,
    NOTHING_TO_GIVE_BACK,
    OVERRULING_SAME_PERSON,
    PART_UNSOUND,
)


@transaction.atomic
def grant_part(acting: Actor, objection: Objection, amount: str) -> None:
    """Say how much an objection gives back that was granted in part, with its answer.

    ``amount`` is a decimal string of the call's asset, more than nothing and less than what the
    upheld finding took. Moves nothing: an approver has it paid (``give_back``). Raises
    NOTHING_TO_GIVE_BACK (409) where no upheld finding stands, PART_UNSOUND (422).
    """
    acting.require(Role.OPERATOR)
    found = grantable(objection)
    if found is None:
        raise NOTHING_TO_GIVE_BACK.problem()
    check, held = found
    # Nobody has another answer paid meanwhile.
    state = ClaimCheck.objects.select_for_update().values_list("state", flat=True).get(id=check.id)
    if state != CheckState.UPHELD:
        raise NOTHING_TO_GIVE_BACK.problem()
    try:
        part = parse_amount(amount.strip().replace(",", ""))
    except ValueError:
        part = 0
    if not 0 < part < held.amount:
        raise PART_UNSOUND.problem(errors=[FieldError("amount", PART_UNSOUND.advice)])
    payload: dict[str, Json] = {
        "check": str(check.id),
        "drawing": str(check.drawing_id),
        "position": check.position,
        "objection": str(objection.id),
        "asset": held.epoch.asset,
        "amount": format_amount(part),
        "taken": format_amount(held.amount),
    }
    party = check.contribution.party_id
    entry = record(kind="claim.part_granted", acting=acting, subject=party, payload=payload)
    GrantedPart.objects.create(objection=objection, check_of=check, amount=part, log_entry=entry.id)
    outbox.publish(kind="claim.part_granted", subject=str(check.id), payload=payload)


@transaction.atomic
def give_back(*, acting: Actor, check_id: UUID) -> OverruledFinding:
    """Overrule an upheld finding whose owner's objection was granted: what it says is paid, once.

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
    if available(held.epoch.call, held.epoch.asset) < granted.amount:
        raise INSUFFICIENT.problem()
    voided = Transfer.objects.get(pending_id=held.hold_id, state=TransferState.VOID)
    way = Hold.objects.get(transfer_id=held.hold_id)
    order = TransferOrder.between(
        key=given_back_key(voided.id),
        kind=GIVEN_BACK,
        source=way.source_id,
        target=way.target_id,
        amount=granted.amount,
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
        "amount": format_amount(granted.amount),
        "taken": format_amount(held.amount),
    }
    entry = record(kind="claim.finding_overruled", acting=acting, subject=party, payload=payload)
    row = OverruledFinding.objects.create(
        check_of=check,
        objection_id=granted.objection,
        granted_by_id=granted.granted_by,
        approver=approver,
        voided=voided,
        transfer_id=posted.transfer_id,
        amount=granted.amount,
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
