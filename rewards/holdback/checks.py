"""Checking drawn contributions: in order, or a finding that a second person upholds or dismisses.

An upheld finding sends what waits of that contribution's reward back to the pool, by name; what
was paid already stays. The owner reads the reason and may object (rewards.holdback.selectors).
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db import transaction

from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core import outbox
from dure.core.canonical import Json
from dure.core.clock import now
from dure.core.money import format_amount
from dure.core.problems import NOT_FOUND, FieldError
from governance.log.services import record
from rewards.holdback.services import lock_held
from rewards.ledger.services import void_hold
from rewards.models import CheckGround, CheckState, ClaimCheck, HeldReward, Transfer
from rewards.problems import (
    CHECK_DECIDED,
    CHECK_SAME_PERSON,
    FINDING_UNSOUND,
    NOTHING_WAITS,
)

REASON_LENGTH_MAX: Final = 2_000


@transaction.atomic
def pass_check(*, acting: Actor, check_id: UUID) -> ClaimCheck:
    """Say that a drawn contribution is in order. Operators; CHECK_DECIDED (409) the second time."""
    acting.require(Role.OPERATOR)
    check = _locked(check_id)
    if check.state != CheckState.DRAWN:
        raise CHECK_DECIDED.problem()
    check.state = CheckState.SOUND
    check.checker, check.checked_at = acting.require_person(), now()
    check.save(update_fields=["state", "checker", "checked_at"])
    _log(acting, "claim.passed", check)
    return check


@transaction.atomic
def propose_finding(
    *, acting: Actor, check_id: UUID, ground: CheckGround, reason: str
) -> ClaimCheck:
    """State what is wrong with a drawn contribution; a second person decides.

    ``reason`` is a sentence for its owner. Operators; FINDING_UNSOUND (422) without one,
    CHECK_DECIDED (409), NOTHING_WAITS (409) where nothing of the reward waits any more.
    """
    acting.require(Role.OPERATOR)
    words = reason.strip()
    if not 0 < len(words) <= REASON_LENGTH_MAX or "\0" in words:
        raise FINDING_UNSOUND.problem(errors=[FieldError("reason", FINDING_UNSOUND.advice)])
    check = _locked(check_id)
    if check.state != CheckState.DRAWN:
        raise CHECK_DECIDED.problem()
    held = _held(check)
    lock_held(held.hold_id)
    if Transfer.objects.filter(pending_id=held.hold_id).exists():
        raise NOTHING_WAITS.problem()
    check.state, check.ground, check.reason = CheckState.PROPOSED, ground, words
    check.checker, check.checked_at = acting.require_person(), now()
    check.save(update_fields=["state", "ground", "reason", "checker", "checked_at"])
    _log(acting, "claim.finding_proposed", check, {"ground": str(ground)})
    return check


@transaction.atomic
def decide_finding(*, acting: Actor, check_id: UUID, upheld: bool) -> ClaimCheck:
    """Uphold a finding, which sends what waits back to the pool, or dismiss it.

    Approvers; CHECK_SAME_PERSON (403) for whoever made the finding, CHECK_DECIDED (409).
    """
    acting.require(Role.APPROVER)
    decider = acting.require_person()
    check = _locked(check_id)
    if check.state != CheckState.PROPOSED:
        raise CHECK_DECIDED.problem()
    if check.checker_id == decider.id:
        raise CHECK_SAME_PERSON.problem()
    held = _held(check)
    lock_held(held.hold_id)
    check.state = CheckState.UPHELD if upheld else CheckState.DISMISSED
    check.decider, check.decided_at = decider, now()
    check.save(update_fields=["state", "decider", "decided_at"])
    more: dict[str, Json] = {"ground": check.ground, "outcome": check.state}
    if upheld:
        void_hold(acting=acting, hold_id=held.hold_id)
        more |= {"hold": str(held.hold_id), "amount": format_amount(held.amount)}
    _log(acting, "claim.finding_decided", check, more)
    return check


def _locked(check_id: UUID) -> ClaimCheck:
    checks = ClaimCheck.objects.select_for_update(of=("self",))
    found = checks.select_related("drawing", "contribution").filter(id=check_id).first()
    if found is None:
        raise NOT_FOUND.problem()
    return found


def _held(check: ClaimCheck) -> HeldReward:
    held = HeldReward.objects.filter(
        epoch=check.drawing.epoch_id, contribution=check.contribution_id
    ).first()
    if held is None:
        raise NOTHING_WAITS.problem()
    return held


def _log(acting: Actor, kind: str, check: ClaimCheck, more: dict[str, Json] | None = None) -> None:
    payload: dict[str, Json] = {
        "check": str(check.id),
        "drawing": str(check.drawing_id),
        "position": check.position,
        **(more or {}),
    }
    record(kind=kind, acting=acting, subject=check.contribution.party_id, payload=payload)
    outbox.publish(kind=kind, subject=str(check.id), payload=payload)
