"""The life of an epoch: opened with its call, closed by one person, approved by another."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from contributions.models import Call, Contribution
from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core import outbox
from dure.core.canonical import Json, sha256_hex
from dure.core.clock import now
from dure.core.money import format_amount
from dure.core.problems import NOT_FOUND
from governance.log.services import record
from rewards.epochs import facts
from rewards.epochs.corrections import take_back
from rewards.epochs.frozen import facts_of
from rewards.epochs.keys import REWARD, lock_epochs, reward_key
from rewards.epochs.replay import replay
from rewards.epochs.settlement import Settlement, settle
from rewards.holdback.services import held_parts, hold_back
from rewards.ledger.accounts import open_accounts, pool_key, wallet_key
from rewards.ledger.orders import TransferOrder
from rewards.ledger.services import post
from rewards.models import Epoch, EpochInput, EpochKind, EpochState, RewardLine
from rewards.problems import (
    EPOCH_EMPTY,
    EPOCH_NOT_CLOSED,
    EPOCH_NOT_OPEN,
    NOT_REPLAYABLE,
    SAME_PERSON,
)

ROWS_AT_ONCE = 5_000


@transaction.atomic
def open_epoch(*, acting: Actor, call: Call) -> Epoch:
    """The running epoch of a call, opened if none runs; safe to repeat."""
    lock_epochs(call)
    running = Epoch.objects.filter(call=call, state=EpochState.OPEN).first()
    if running is not None:
        return running
    last = Epoch.objects.filter(call=call).order_by("-number").first()
    epoch = Epoch.objects.create(
        call=call, number=1 if last is None else last.number + 1, opened_at=now()
    )
    record(
        kind="epoch.opened",
        acting=acting,
        subject=None,
        payload={"epoch": str(epoch.id), "call": call.slug, "number": epoch.number},
    )
    return epoch


@transaction.atomic
def close_epoch(*, acting: Actor, call_slug: str) -> Epoch:
    """Freeze what a call has accepted since its last epoch, price and allocate it exactly.

    The next epoch opens at once. What is withdrawn before this moment was never submitted; what
    is withdrawn after it stays paid. Raises NOT_FOUND, EPOCH_NOT_OPEN and EPOCH_EMPTY (409), and
    what `facts_of` raises; only an operator may.
    """
    acting.require(Role.OPERATOR)
    proposer = acting.require_person()
    call = Call.objects.select_related("published").filter(slug=call_slug).first()
    if call is None:
        raise NOT_FOUND.problem()
    lock_epochs(call)
    epoch = Epoch.objects.select_for_update().filter(call=call, state=EpochState.OPEN).first()
    if epoch is None or call.published is None:
        raise EPOCH_NOT_OPEN.problem()
    # Held until the commit: a withdrawal waits and then finds the contribution settled.
    frozen = list(facts.waiting(call).select_for_update(of=("self",), no_key=True).order_by("id"))
    if not any(contribution.accepted for contribution in frozen):
        raise EPOCH_EMPTY.problem()
    names = {contribution.id: facts.pseudonym(contribution.id) for contribution in frozen}
    asked = facts_of(call.published, {"id": str(epoch.id), "number": epoch.number}, frozen)
    settlement = settle(asked)
    stored = facts.stored_terms(asked, settlement.terms)
    epoch.state = EpochState.CLOSED
    epoch.closed_at = now()
    epoch.proposer = proposer
    epoch.call_version = call.published
    epoch.asset = stored["parameters"]["asset"]
    epoch.manifest = settlement.manifest
    epoch.manifest_sha256 = sha256_hex(settlement.manifest)
    epoch.terms = dict(facts.terms_json(stored))
    epoch.inputs_root = settlement.inputs_root
    epoch.outputs_root = settlement.outputs_root
    epoch.inputs_count = len(frozen)
    epoch.total = settlement.allocation.total
    epoch.closing_entry = _log(acting, "epoch.closed", epoch)
    epoch.save()
    _write_rewards(epoch, frozen, names, settlement)
    _publish("epoch.closed", epoch)
    open_epoch(acting=acting, call=call)
    return epoch


@transaction.atomic
def approve_epoch(*, acting: Actor, epoch: Epoch) -> Epoch:
    """Pay a closed epoch out of its pool, exactly once, as a second person.

    The manifest is replayed before anything is paid. Of a reversal, what the epoch it names had
    paid comes back. Raises SAME_PERSON (403), EPOCH_NOT_CLOSED
    (409), NOT_REPLAYABLE (409); only an approver may.
    """
    acting.require(Role.APPROVER)
    approver = acting.require_person()
    lock_epochs(epoch.call)
    epoch = (
        Epoch.objects.select_for_update(of=("self",))
        .select_related("call", "reverses")
        .get(id=epoch.id)
    )
    if epoch.state != EpochState.CLOSED or epoch.manifest is None:
        raise EPOCH_NOT_CLOSED.problem()
    if epoch.proposer_id == approver.id:
        raise SAME_PERSON.problem()
    if not _replays(bytes(epoch.manifest)):
        raise NOT_REPLAYABLE.problem()
    epoch.state = EpochState.APPROVED
    epoch.approved_at = now()
    epoch.approver = approver
    if epoch.kind == EpochKind.REVERSAL:
        epoch.save(update_fields=["state", "approved_at", "approver"])
        epoch.returned = take_back(acting=acting, reversal=epoch)
        epoch.approval_entry = _log(acting, "epoch.reversed", epoch)
    else:
        epoch.approval_entry = _log(acting, "epoch.approved", epoch)
    epoch.save(update_fields=["state", "approved_at", "approver", "returned", "approval_entry"])
    if epoch.kind == EpochKind.SETTLEMENT:
        _pay(acting, epoch)
        _log(acting, "reward.issued", epoch)
    _publish("epoch.approved", epoch)
    return epoch


def _pay(acting: Actor, epoch: Epoch) -> None:
    paid = list(
        EpochInput.objects.filter(epoch=epoch, reward__gt=0)
        .order_by("contribution_id")
        .values_list("contribution_id", "contribution__party_id", "reward")
    )
    if sum(reward for _, _, reward in paid) != epoch.total:
        raise NOT_REPLAYABLE.problem()
    pool = pool_key(epoch.call.slug, epoch.asset)
    accounts = open_accounts(
        wanted=[pool, *(wallet_key(party, epoch.asset) for _, party, _ in paid)]
    )
    wallets = {
        contribution: accounts[wallet_key(party, epoch.asset)] for contribution, party, _ in paid
    }
    held = held_parts(epoch, {contribution: reward for contribution, _, reward in paid})
    orders = [
        TransferOrder.between(
            key=reward_key(epoch.id, contribution),
            kind=REWARD,
            source=accounts[pool],
            target=wallets[contribution],
            amount=reward - held.get(contribution, 0),
            reference=f"epoch:{epoch.id}",
        )
        for contribution, _, reward in paid
        if reward > held.get(contribution, 0)
    ]
    post(acting=acting, transfers=orders)
    hold_back(acting=acting, epoch=epoch, pool=accounts[pool], wallets=wallets, held=held)


def _replays(manifest: bytes) -> bool:
    try:
        return replay(manifest) == manifest
    except ValueError:
        return False


def _write_rewards(
    epoch: Epoch, frozen: list[Contribution], names: dict[UUID, str], settlement: Settlement
) -> None:
    allocation = settlement.allocation
    EpochInput.objects.bulk_create(
        (
            EpochInput(
                contribution=contribution,
                epoch=epoch,
                pseudonym=names[contribution.id],
                records=contribution.accepted,
                reward=allocation.reward(names[contribution.id]),
            )
            for contribution in frozen
        ),
        batch_size=ROWS_AT_ONCE,
    )
    RewardLine.objects.bulk_create(
        (
            RewardLine(
                source_id=contribution.id,
                dimension=line.stratum.dimension,
                key=line.stratum.key,
                mass=line.mass,
                numerator=str(line.numerator),
                denominator=str(line.denominator),
                amount=line.amount,
            )
            for contribution in frozen
            for line in allocation.lines[names[contribution.id]]
        ),
        batch_size=ROWS_AT_ONCE,
    )


def _log(acting: Actor, kind: str, epoch: Epoch) -> UUID:
    payload: dict[str, Json] = {
        "epoch": str(epoch.id),
        "call": epoch.call.slug,
        "number": epoch.number,
        "manifest": epoch.manifest_sha256,
        "inputs": epoch.inputs_count,
        "inputs_root": epoch.inputs_root,
        "outputs_root": epoch.outputs_root,
        "asset": epoch.asset,
        "total": format_amount(epoch.total),
    }
    if epoch.reverses_id:
        payload |= {"reverses": str(epoch.reverses_id), "returned": format_amount(epoch.returned)}
    return record(kind=kind, acting=acting, subject=None, payload=payload).id


def _publish(kind: str, epoch: Epoch) -> None:
    outbox.publish(
        kind=kind,
        subject=str(epoch.id),
        payload={"epoch": str(epoch.id), "call": epoch.call.slug, "number": epoch.number},
    )
