"""When an epoch was wrong: rejected before it is paid, taken back by a reversal afterwards.

A closed epoch is never opened again. What it had frozen waits for the next epoch, which prices it
anew; its manifest, its hash in the log and the ground stay for everybody to read.
"""

from __future__ import annotations

import json
from uuid import UUID

from django.db import transaction

from contributions.models import Contribution, State
from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core import outbox
from dure.core.canonical import Json, sha256_hex
from dure.core.clock import now
from dure.core.ids import new_id
from dure.core.money import format_amount
from dure.core.problems import Problem
from governance.log.services import record
from rewards.epochs.keys import lock_epochs, reward_key
from rewards.epochs.reversal import FORMAT, ReversalFacts, reversal_manifest
from rewards.holdback.selectors import voided_by_findings
from rewards.holdback.services import lock_held
from rewards.ledger.selectors import transfer_with_key
from rewards.ledger.services import reverse, void_hold
from rewards.models import (
    Epoch,
    EpochGround,
    EpochInput,
    EpochKind,
    EpochState,
    HeldReward,
    InputRelease,
    OverruledFinding,
    RewardLine,
    Transfer,
    TransferState,
)
from rewards.problems import (
    EPOCH_ALREADY_REVERSED,
    EPOCH_NOT_APPROVED,
    EPOCH_NOT_CLOSED,
    INSUFFICIENT,
    SAME_PERSON,
)


@transaction.atomic
def reject_epoch(*, acting: Actor, epoch: Epoch, ground: EpochGround) -> Epoch:
    """Refuse a closed epoch as a second person: nothing is paid, its inputs wait again.

    Raises SAME_PERSON (403) and EPOCH_NOT_CLOSED (409); only an approver may.
    """
    acting.require(Role.APPROVER)
    approver = acting.require_person()
    lock_epochs(epoch.call)
    epoch = Epoch.objects.select_for_update(of=("self",)).select_related("call").get(id=epoch.id)
    if epoch.state != EpochState.CLOSED:
        raise EPOCH_NOT_CLOSED.problem()
    if epoch.proposer_id == approver.id:
        raise SAME_PERSON.problem()
    epoch.state = EpochState.REJECTED
    epoch.approved_at = now()
    epoch.approver = approver
    epoch.ground = ground if epoch.kind == EpochKind.SETTLEMENT else epoch.ground
    epoch.approval_entry = _log(acting, "epoch.rejected", epoch, {"ground": str(ground)})
    epoch.save(update_fields=["state", "approved_at", "approver", "ground", "approval_entry"])
    inputs = list(EpochInput.objects.filter(epoch=epoch))
    _release(epoch, inputs, {})
    _publish("epoch.rejected", epoch)
    return epoch


@transaction.atomic
def propose_reversal(*, acting: Actor, epoch: Epoch, ground: EpochGround) -> Epoch:
    """Propose to take back what an approved epoch paid; another person approves it.

    Raises EPOCH_NOT_APPROVED (409) for one that paid nothing or is a reversal itself, and
    EPOCH_ALREADY_REVERSED (409); only an operator may.
    """
    acting.require(Role.OPERATOR)
    proposer = acting.require_person()
    lock_epochs(epoch.call)
    paid = Epoch.objects.select_for_update(of=("self",)).select_related("call").get(id=epoch.id)
    if paid.state != EpochState.APPROVED or paid.kind != EpochKind.SETTLEMENT:
        raise EPOCH_NOT_APPROVED.problem()
    if paid.reversals.exclude(state=EpochState.REJECTED).exists():
        raise EPOCH_ALREADY_REVERSED.problem()
    assert paid.manifest is not None  # the database keeps it with the state
    identity, number = new_id(), _next_number(paid)
    manifest = reversal_manifest(_facts(paid, identity, number, ground))
    reversal = Epoch(
        id=identity,
        call=paid.call,
        number=number,
        kind=EpochKind.REVERSAL,
        reverses=paid,
        ground=ground,
        state=EpochState.CLOSED,
        opened_at=now(),
        closed_at=now(),
        proposer=proposer,
        call_version_id=paid.call_version_id,
        asset=paid.asset,
        manifest=manifest,
        manifest_sha256=sha256_hex(manifest),
        terms={},
        inputs_root=paid.inputs_root,
        outputs_root=paid.outputs_root,
        inputs_count=paid.inputs_count,
        total=paid.total,
    )
    more: dict[str, Json] = {"reverses": str(paid.id), "ground": str(ground)}
    reversal.closing_entry = _log(acting, "epoch.reversal_proposed", reversal, more)
    reversal.save(force_insert=True)
    _publish("epoch.closed", reversal)
    return reversal


def take_back(*, acting: Actor, reversal: Epoch) -> int:
    """Take back what the reversed epoch paid, inside the approval; sub-units that came back.

    The reversal is approved already. What somebody has spent, and what was paid for a contribution
    that was withdrawn since, stays paid, and its contribution stays settled.
    """
    paid = reversal.reverses
    assert paid is not None  # the database keeps it with the kind
    inputs = list(
        EpochInput.objects.filter(
            epoch=paid, contribution__state=State.ACCEPTED, contribution__excluded_at=None
        ).order_by("contribution_id")
    )
    held = {each.contribution_id: each for each in HeldReward.objects.filter(epoch=paid)}
    gone = voided_by_findings(paid)
    back: dict[UUID, UUID] = {}
    kept: set[UUID] = set()
    for item in inputs:
        if not item.reward:
            continue
        try:
            with transaction.atomic():
                undone = _undo(acting, reversal, item, held.get(item.contribution_id))
        except Problem as problem:
            if problem.kind is not INSUFFICIENT:
                raise
            kept.add(item.contribution_id)
        else:
            if undone is not None:
                back[item.contribution_id] = undone
    freed = [item for item in inputs if item.contribution_id not in kept]
    _release(paid, freed, back)
    return sum(item.reward - gone.get(item.contribution_id, 0) for item in freed)


def _undo(acting: Actor, reversal: Epoch, item: EpochInput, held: HeldReward | None) -> UUID | None:
    """Take back what was paid of a reward and what waits of it; the transfer that undid the pay.

    None where all of it waited. Raises INSUFFICIENT (409) where the owner has spent it.
    """
    if held is not None:
        lock_held(held.hold_id)
        resolution = Transfer.objects.filter(pending_id=held.hold_id).first()
        if resolution is None:
            void_hold(acting=acting, hold_id=held.hold_id)
        elif resolution.state == TransferState.POST:
            reverse(acting=acting, transfer_id=resolution.id, reason=reversal.ground)
        else:
            given = OverruledFinding.objects.filter(voided=resolution).first()
            if given is not None:
                reverse(acting=acting, transfer_id=given.transfer_id, reason=reversal.ground)
    paid = transfer_with_key(reward_key(item.epoch_id, item.contribution_id))
    if paid is None:
        return None
    return reverse(acting=acting, transfer_id=paid.id, reason=reversal.ground).transfer_id


def _release(epoch: Epoch, inputs: list[EpochInput], back: dict[UUID, UUID]) -> None:
    """Let contributions wait for an epoch again; the database wants the release first."""
    ids = [item.contribution_id for item in inputs]
    # In the order in which closing locks them.
    list(Contribution.objects.filter(id__in=ids).select_for_update(no_key=True).order_by("id"))
    InputRelease.objects.bulk_create(
        (
            InputRelease(
                epoch=epoch,
                contribution_id=item.contribution_id,
                pseudonym=item.pseudonym,
                reward=item.reward,
                transfer_id=back.get(item.contribution_id),
            )
            for item in inputs
        ),
        batch_size=5_000,
    )
    RewardLine.objects.filter(source_id__in=ids).delete()
    EpochInput.objects.filter(contribution_id__in=ids).delete()


def _facts(paid: Epoch, identity: UUID, number: int, ground: EpochGround) -> ReversalFacts:
    manifest = json.loads(bytes(paid.manifest or b""))
    return {
        "format": FORMAT,
        "epoch": {"id": str(identity), "number": number},
        "call": manifest["call"],
        "reverses": {
            "id": str(paid.id),
            "number": paid.number,
            "manifest_sha256": paid.manifest_sha256,
            "outputs_root": paid.outputs_root,
        },
        "ground": str(ground),
        "outputs": manifest["outputs"],
    }


def _next_number(epoch: Epoch) -> int:
    last = Epoch.objects.filter(call=epoch.call).order_by("-number").first()
    return 1 if last is None else last.number + 1


def _log(acting: Actor, kind: str, epoch: Epoch, more: dict[str, Json]) -> UUID:
    payload: dict[str, Json] = {
        "epoch": str(epoch.id),
        "call": epoch.call.slug,
        "number": epoch.number,
        "manifest": epoch.manifest_sha256,
        "asset": epoch.asset,
        "total": format_amount(epoch.total),
        **more,
    }
    return record(kind=kind, acting=acting, subject=None, payload=payload).id


def _publish(kind: str, epoch: Epoch) -> None:
    outbox.publish(
        kind=kind,
        subject=str(epoch.id),
        payload={"epoch": str(epoch.id), "call": epoch.call.slug, "number": epoch.number},
    )
