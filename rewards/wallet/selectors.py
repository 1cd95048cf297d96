"""Reading wallets: what is pending, confirmed and paid, and every entry with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypedDict
from uuid import UUID

from django.db.models import Case, Count, F, Min, QuerySet, Sum, Value, When

from contributions.models import Contribution, State
from dure.accounts.acting import Actor
from dure.core import sealing
from dure.core.clock import rfc3339
from dure.core.money import Asset, format_amount
from dure.core.problems import NOT_FOUND
from governance.models import OPEN, Proposal
from rewards.dividends.city import KIND as DIVIDEND
from rewards.dividends.selectors import licences_by_reference
from rewards.epochs import providers
from rewards.epochs.keys import REWARD, reward_key
from rewards.holdback.selectors import given_back_receipts, held_receipts, waiting_for
from rewards.ledger.bulk.folding import holdings
from rewards.ledger.selectors import wallets
from rewards.models import (
    AccountKind,
    Entry,
    EpochInput,
    EpochState,
    InputRelease,
    Redemption,
    RedemptionState,
    UnclaimedAmount,
)
from rewards.wallet.destinations import SEALED_AS
from rewards.wallet.reasons import reason_in_words


class BalanceDocument(TypedDict):
    """Decimal strings. ``pending`` waits for an approval, ``confirmed`` can be taken out now,
    ``paid`` has been taken out; an amount that is held for a redemption is in none of them."""

    asset: str
    pending: str
    confirmed: str
    paid: str


class WalletDocument(TypedDict):
    balances: list[BalanceDocument]


class EntryDocument(TypedDict):
    """One line of the statement; ``amount`` is signed, ``balance`` is what was there after it.

    A reward names the receipt that earned it, a dividend the licence that brought it.
    """

    asset: str
    kind: str
    amount: str
    balance: str
    transfer: str
    reference: str
    receipt: str | None
    licence: str | None
    posted_at: str


class RedemptionDocument(TypedDict):
    id: str
    asset: str
    amount: str
    tax: str
    pays: str
    rail: str
    state: str
    requested_at: str
    resolved_at: str | None
    reason: str


class UnclaimedDocument(TypedDict):
    """``state`` is waiting, warned, expired or claimed; it can be claimed until it was."""

    id: str
    asset: str
    amount: str
    dividend: str | None
    state: str
    set_aside_at: str
    claim_by: str


def wallet_document(party_id: UUID) -> WalletDocument:
    """What a party has earned and taken out, one balance for each asset."""
    accounts = dict(wallets(party_id).values_list("id", "asset"))
    confirmed = {accounts[id_]: held.spendable for id_, held in holdings(accounts).items()}
    pending, paid = _pending(party_id), _paid(party_id)
    return {
        "balances": [
            {
                "asset": asset,
                "pending": format_amount(pending.get(asset, 0)),
                "confirmed": format_amount(confirmed.get(asset, 0)),
                "paid": format_amount(paid.get(asset, 0)),
            }
            for asset in Asset.values
        ]
    }


def _pending(party_id: UUID) -> dict[str, int]:
    """Rewards of closed epochs that nobody has approved yet, of running ones as of now, and parts
    of paid ones that are held back."""
    found: dict[str, int] = {}
    closed = (
        EpochInput.objects.filter(contribution__party_id=party_id, epoch__state=EpochState.CLOSED)
        .values_list("epoch__asset")
        .annotate(total=Sum("reward"))
        .order_by()
    )
    for asset, total in closed:
        found[asset] = int(total)
    for asset, amount in waiting_for(party_id).items():
        found[asset] = found.get(asset, 0) + amount
    waiting = list(
        Contribution.objects.select_related("call__published", "call_version").filter(
            party_id=party_id, state=State.ACCEPTED, excluded_at=None, epoch_input=None
        )
    )
    estimates = providers.pending_of(waiting)
    for contribution in waiting:
        asset = str(contribution.call_version.document["pool"]["asset"])
        found[asset] = found.get(asset, 0) + estimates.get(contribution.id, 0)
    return found


def _paid(party_id: UUID) -> dict[str, int]:
    rows = (
        Redemption.objects.filter(party_id=party_id, state=RedemptionState.SETTLED)
        .values_list("asset")
        .annotate(total=Sum("amount"))
        .order_by()
    )
    return {asset: int(total) for asset, total in rows}


def entries(party_id: UUID) -> QuerySet[Entry]:
    """Entries of a party's wallets, newest first; ``posted_at`` is annotated for cursors."""
    return (
        Entry.objects.filter(account__owner_id=party_id, account__kind=AccountKind.WALLET)
        .select_related("transfer", "account")
        .annotate(posted_at=F("transfer__posted_at"))
        .order_by("-posted_at", "-version")
    )


def entry_documents(rows: list[Entry]) -> list[EntryDocument]:
    """Lines of a statement, rewards with the receipt of the contribution that earned them."""
    receipts, taken_back = _receipts(rows), _receipts_taken_back(rows)
    licences = licences_by_reference(
        {row.transfer.reference for row in rows if row.transfer.kind == DIVIDEND}
    )
    return [
        {
            "asset": row.asset,
            "kind": row.transfer.kind,
            "amount": format_amount(row.amount),
            "balance": format_amount(row.after),
            "transfer": str(row.transfer_id),
            "reference": row.transfer.reference,
            "receipt": receipts.get(row.transfer.idem) or taken_back.get(row.transfer_id),
            "licence": licences.get(row.transfer.reference),
            "posted_at": rfc3339(row.transfer.posted_at),
        }
        for row in rows
    ]


def _receipts(rows: list[Entry]) -> dict[UUID, str]:
    """Receipt numbers by the key of the transfer that paid the contribution, or a part of it."""
    parties = {row.account.owner_id for row in rows if row.account.owner_id}
    epochs = {
        row.transfer.reference.removeprefix("epoch:") for row in rows if row.transfer.kind == REWARD
    }
    inputs = EpochInput.objects.filter(
        epoch_id__in=epochs, contribution__party_id__in=parties
    ).values_list("epoch_id", "contribution_id", "contribution__receipt")
    keys = {reward_key(epoch, contribution): receipt for epoch, contribution, receipt in inputs}
    given = given_back_receipts({row.transfer_id: row.transfer.kind for row in rows})
    return keys | held_receipts(parties, [row.transfer_id for row in rows]) | given


def _receipts_taken_back(rows: list[Entry]) -> dict[UUID, str]:
    """Receipt numbers by the transfer that took a contribution's reward back."""
    back = InputRelease.objects.filter(transfer_id__in=[row.transfer_id for row in rows])
    return dict(back.values_list("transfer_id", "contribution__receipt"))


def redemptions(parties: frozenset[UUID]) -> QuerySet[Redemption]:
    """Redemptions of parties, newest first."""
    return Redemption.objects.filter(party_id__in=parties).order_by("-requested_at", "-id")


def redemption_for(actor: Actor, redemption_id: UUID) -> Redemption:
    """A redemption of somebody the actor acts for; NOT_FOUND for unknown and foreign ones."""
    redemption = redemptions(actor.parties).filter(id=redemption_id).first()
    if redemption is None:
        raise NOT_FOUND.problem()
    return redemption


def held_redemptions() -> QuerySet[Redemption]:
    """What operators have to pay out, oldest first."""
    return Redemption.objects.filter(state=RedemptionState.HELD).order_by("requested_at", "id")


def redemption_document(redemption: Redemption) -> RedemptionDocument:
    """A redemption without its destination, which nobody needs to read again here.

    ``amount`` leaves the wallet; ``tax`` of it is withheld and ``pays`` goes to the destination.
    """
    resolved = redemption.resolved_at
    return {
        "id": str(redemption.id),
        "asset": redemption.asset,
        "amount": format_amount(redemption.amount),
        "tax": format_amount(redemption.tax),
        "pays": format_amount(redemption.amount - redemption.tax),
        "rail": redemption.rail,
        "state": redemption.state,
        "requested_at": rfc3339(redemption.requested_at),
        "resolved_at": rfc3339(resolved) if resolved else None,
        "reason": reason_in_words(redemption.reason),
    }


def destination_of(redemption: Redemption) -> str:
    """Where it goes, in the clear: for its owner and for the rail; empty once the key is gone."""
    owner = redemption.proven_claim_id or redemption.party_id
    try:
        return sealing.unseal(
            owner=owner, sealed=bytes(redemption.destination), context=SEALED_AS
        ).decode()
    except sealing.Unreadable:
        return ""


def proposal_kind(redemption: Redemption) -> str:
    """What two persons agree to of a redemption: that it failed, or that it came back."""
    act = "failed" if redemption.state == RedemptionState.HELD else "return"
    return f"{act}:{redemption.id.hex}"


def proposed_returns(redemptions: Sequence[Redemption]) -> dict[UUID, Proposal]:
    """What somebody proposed to give back and nobody agreed to yet, by redemption."""
    kinds = {proposal_kind(each): each.id for each in redemptions}
    waiting = Proposal.objects.filter(OPEN, kind__in=kinds) if kinds else ()
    return {kinds[proposal.kind]: proposal for proposal in waiting}


def settlement_kind(redemption: Redemption) -> str:
    """What two persons agree to who say by hand that a redemption was paid."""
    return f"settled:{redemption.id.hex}"


def proposed_settlements(redemptions: Sequence[Redemption]) -> dict[UUID, Proposal]:
    """What somebody said was paid and nobody agreed to yet, by redemption."""
    kinds = {settlement_kind(each): each.id for each in redemptions}
    waiting = Proposal.objects.filter(OPEN, kind__in=kinds) if kinds else ()
    return {kinds[proposal.kind]: proposal for proposal in waiting}


def claimed_document(redemptions: Iterable[Redemption]) -> dict[str, list[dict[str, str]]]:
    """What a claim with a code takes out: as ``redemption_document``, without what names it."""
    return {
        "amounts": [
            {
                "asset": each["asset"],
                "amount": each["amount"],
                "tax": each["tax"],
                "pays": each["pays"],
            }
            for each in map(redemption_document, redemptions)
        ]
    }


def unclaimed_amounts(parties: frozenset[UUID]) -> QuerySet[UnclaimedAmount]:
    """What was set aside for parties because nobody used it, what ends first before the rest."""
    return UnclaimedAmount.objects.filter(party_id__in=parties).order_by("claim_by", "id")


class UnclaimedSum(TypedDict):
    """Amounts that were set aside and are in one state; ``next_end`` is when the first is over."""

    asset: str
    state: str
    count: int
    amount: str
    next_end: str | None


def unclaimed_sums() -> list[UnclaimedSum]:
    """What is set aside, by asset and state, without saying for whom."""
    state = Case(
        When(claimed_at__isnull=False, then=Value("claimed")),
        When(expired_at__isnull=False, then=Value("expired")),
        When(warned_at__isnull=False, then=Value("warned")),
        default=Value("waiting"),
    )
    rows = (
        UnclaimedAmount.objects.annotate(state=state)
        .values_list("asset", "state")
        .annotate(count=Count("id"), total=Sum("amount"), end=Min("claim_by"))
        .order_by("asset", "state")
    )
    return [
        {
            "asset": asset,
            "state": state,
            "count": count,
            "amount": format_amount(int(total)),
            "next_end": rfc3339(end) if state in ("waiting", "warned") else None,
        }
        for asset, state, count, total, end in rows
    ]


def unclaimed_document(found: UnclaimedAmount) -> UnclaimedDocument:
    """An amount that was set aside, and until when it can be claimed without the fund's help."""
    if found.claimed_at is not None:
        state = "claimed"
    elif found.expired_at is not None:
        state = "expired"
    else:
        state = "waiting" if found.warned_at is None else "warned"
    return {
        "id": str(found.id),
        "asset": found.asset,
        "amount": format_amount(found.amount),
        "dividend": str(found.dividend_id or found.batch_id or "") or None,
        "state": state,
        "set_aside_at": rfc3339(found.set_aside_at),
        "claim_by": rfc3339(found.claim_by),
    }
