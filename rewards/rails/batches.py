"""Batches: collected by one person, approved by another, sent once.

The file is written and hashed when the batch is proposed, so that what is approved is what is
sent. That it is sent is recorded before anybody can take the file out: after that moment the money
may be gone, and only an answer of the rail settles or gives back.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from typing import Final, NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from dure.accounts.acting import Actor
from dure.accounts.models import Party
from dure.accounts.roles import Role
from dure.core import blobs, sealing
from dure.core.canonical import sha256_hex
from dure.core.clock import CITY_ZONE, now
from dure.core.ids import new_id
from dure.core.language import localized
from dure.core.money import Asset, format_amount
from dure.core.problems import INVALID, NOT_FOUND, FieldError
from governance.access.services import note_accesses
from governance.log.services import record
from rewards.models import (
    BatchState,
    ItemState,
    PayoutBatch,
    PayoutItem,
    Rail,
    Redemption,
    RedemptionState,
)
from rewards.problems import BATCH_STATE, NEEDS_SECOND_PERSON, NOTHING_TO_BATCH
from rewards.rails import csv_form, pain001
from rewards.rails.lines import Head, Line, item_uid
from rewards.treasury.access import require_treasury
from rewards.treasury.rules import Payout
from rewards.treasury.selectors import payout_rule
from rewards.wallet.destinations import HOLDER_SEALED_AS
from rewards.wallet.selectors import destination_of

#: Files of batches are the city's, under a key of its own.
TREASURY: Final = UUID("0b6ff3f1-6d5e-4c1e-9a55-7d8f5a3f2c10")
BATCH_MAX: Final = 10_000
#: Rails that are paid by a file; a gift to a neighbourhood fund moves inside the ledger.
OUTSIDE: Final = (Rail.BANK, Rail.LOCAL_CURRENCY, Rail.TRANSIT)


class _Chosen(NamedTuple):
    redemption: Redemption
    line: Line


@transaction.atomic
def propose_batch(*, acting: Actor, rail: str, asset: str, limit: int = BATCH_MAX) -> PayoutBatch:
    """Collect held redemptions, oldest first, into a batch and write its file.

    One whose destination can no longer be read, or that comes to less than a won, is left out.
    Operators; NOTHING_TO_BATCH (409), INVALID for a rail without files.
    """
    acting.require(Role.OPERATOR)
    proposer = acting.require_person()
    if rail not in OUTSIDE or asset not in Asset.values:
        field = "asset" if rail in OUTSIDE else "rail"
        raise INVALID.problem(errors=[FieldError(field, _("Choose one that is offered."))])
    number, rule = payout_rule()
    batch_id, moment = new_id(), now()
    chosen = _choose(batch_id, rail, asset, limit, rule)
    if not chosen:
        raise NOTHING_TO_BATCH.problem()
    head = Head(
        message_id=f"D{batch_id.hex}",
        created_at=moment,
        execute_on=_execution_day(moment),
        debtor_name=rule.debtor_name,
        debtor_account=rule.debtor_account,
        debtor_bic=rule.debtor_bic,
    )
    form = pain001 if rail == Rail.BANK else csv_form
    content = form.document(head, [each.line for each in chosen])
    batch = PayoutBatch.objects.create(
        id=batch_id,
        rail=rail,
        asset=asset,
        message_id=head.message_id,
        policy_number=number,
        count=len(chosen),
        total=sum(each.line.amount for each in chosen),
        control_sum=sum(each.line.pays for each in chosen),
        execute_on=head.execute_on,
        file=blobs.store_bytes(content, owner=TREASURY),
        file_format=form.FORMAT,
        file_sha256=sha256_hex(content),
        proposer=proposer,
        proposed_at=moment,
    )
    PayoutItem.objects.bulk_create(
        PayoutItem(
            uid=line.uid,
            batch=batch,
            redemption=redemption,
            number=line.number,
            amount=line.amount,
            pays=line.pays,
        )
        for redemption, line in chosen
    )
    record(
        kind="payout.batched",
        acting=acting,
        subject=None,
        payload={
            "batch": str(batch.id),
            "rail": rail,
            "asset": asset,
            "count": batch.count,
            "control_sum": format_amount(batch.control_sum),
            "file_sha256": batch.file_sha256,
        },
    )
    return batch


def _choose(batch: UUID, rail: str, asset: str, limit: int, rule: Payout) -> list[_Chosen]:
    """What goes into the batch, locked until the commit."""
    waiting = (
        Redemption.objects.select_for_update(of=("self",))
        .filter(state=RedemptionState.HELD, rail=rail, asset=asset)
        .exclude(payout_items__state__in=[ItemState.OPEN, ItemState.SETTLED])
        .select_related("proven_claim")
        .order_by("requested_at", "id")[: max(0, min(limit, BATCH_MAX))]
    )
    found = list(waiting)
    names = _names({each.party_id for each in found})
    names |= {each.id: _holder(each) for each in found if each.proven_claim_id is not None}
    chosen: list[_Chosen] = []
    for redemption in found:
        amount = redemption.amount - redemption.tax
        pays = rule.worth(asset, amount)
        destination = destination_of(redemption)
        if destination and pays > 0:
            line = Line(
                uid=item_uid(batch, redemption.id),
                number=len(chosen) + 1,
                pays=pays,
                name=names.get(redemption.id) or names[redemption.party_id],
                destination=destination,
                asset=asset,
                amount=amount,
            )
            chosen.append(_Chosen(redemption, line))
    return chosen


def _holder(redemption: Redemption) -> str:
    """The name that somebody who has left gave with their claim."""
    claim = redemption.proven_claim
    assert claim is not None
    try:
        return sealing.unseal(
            owner=claim.id, sealed=bytes(claim.holder), context=HOLDER_SEALED_AS
        ).decode()
    except sealing.Unreadable:
        return ""


def _names(parties: set[UUID]) -> dict[UUID, str]:
    """What a bank prints as the name of the account's holder."""
    names = {}
    for party in Party.objects.filter(id__in=parties).select_related("person", "organisation"):
        if party.kind == Party.Kind.ORGANISATION:
            names[party.id] = localized(party.organisation.name)
        else:
            names[party.id] = party.person.name
    return names


def _execution_day(moment: datetime) -> date:
    """The city's date, or the Monday after a weekend."""
    day = moment.astimezone(CITY_ZONE).date()
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


@transaction.atomic
def approve_batch(*, acting: Actor, batch_id: UUID) -> PayoutBatch:
    """Say yes to exactly the file that was proposed, as a second person.

    Approvers; NEEDS_SECOND_PERSON (403), BATCH_STATE (409), also where the stored file is not
    what was hashed.
    """
    acting.require(Role.APPROVER)
    approver = acting.require_person()
    batch = _locked(batch_id)
    if batch.proposer_id == approver.id:
        raise NEEDS_SECOND_PERSON.problem()
    if batch.state != BatchState.PROPOSED:
        raise BATCH_STATE.problem()
    if sha256_hex(blobs.read(batch.file)) != batch.file_sha256:
        raise BATCH_STATE.problem(detail=_("The stored file is not the one that was proposed."))
    batch.state, batch.approver, batch.approved_at = BatchState.APPROVED, approver, now()
    batch.save(update_fields=["state", "approver", "approved_at"])
    _log(acting, "payout.approved", batch, with_file=True)
    return batch


@transaction.atomic
def send_batch(*, acting: Actor, batch_id: UUID) -> PayoutBatch:
    """Record that the batch goes out, before its file can be taken; BATCH_STATE (409).

    The caller hands the file over only after this has been committed. Operators and approvers;
    whoever sends it is not the one who says by hand that it was paid (wallet/services.py).
    """
    require_treasury(acting)
    sender = acting.require_person()
    batch = _locked(batch_id)
    if batch.state != BatchState.APPROVED:
        raise BATCH_STATE.problem()
    batch.state, batch.sender, batch.sent_at = BatchState.SENT, sender, now()
    batch.save(update_fields=["state", "sender", "sent_at"])
    _log(acting, "payout.sent", batch, with_file=True)
    return batch


@transaction.atomic
def discard_batch(*, acting: Actor, batch_id: UUID) -> PayoutBatch:
    """Drop a batch that was not sent; its redemptions wait for another one. BATCH_STATE (409).

    Its file is purged: it holds names and accounts, and nobody was paid by it.
    """
    require_treasury(acting)
    batch = _locked(batch_id)
    if batch.state not in (BatchState.PROPOSED, BatchState.APPROVED):
        raise BATCH_STATE.problem()
    batch.state, batch.discarded_at = BatchState.DISCARDED, now()
    batch.save(update_fields=["state", "discarded_at"])
    batch.items.update(state=ItemState.DISCARDED, resolved_at=batch.discarded_at)
    transaction.on_commit(partial(blobs.purge, batch.file))
    _log(acting, "payout.discarded", batch)
    return batch


def batch_file(*, acting: Actor, batch_id: UUID) -> tuple[PayoutBatch, bytes]:
    """The file of a batch that is recorded as sent, byte for byte as it was hashed.

    It holds names and accounts: everybody in it is told who opened it.
    """
    require_treasury(acting)
    batch = PayoutBatch.objects.select_related("file").filter(id=batch_id).first()
    if batch is None:
        raise NOT_FOUND.problem()
    if batch.state != BatchState.SENT:
        raise BATCH_STATE.problem()
    note_accesses(
        acting=acting,
        party_ids=batch.items.values_list("redemption__party_id", flat=True),
        what="payout-file",
        why="payment",
        subject=str(batch.id),
    )
    return batch, blobs.read(batch.file)


def _locked(batch_id: UUID) -> PayoutBatch:
    found = PayoutBatch.objects.select_for_update(of=("self",)).select_related("file")
    batch = found.filter(id=batch_id).first()
    if batch is None:
        raise NOT_FOUND.problem()
    return batch


def _log(acting: Actor, kind: str, batch: PayoutBatch, *, with_file: bool = False) -> None:
    payload = {"batch": str(batch.id)} | ({"file_sha256": batch.file_sha256} if with_file else {})
    record(kind=kind, acting=acting, subject=None, payload={**payload})
