"""Taking value out of a wallet: held at once, then paid out or given back."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core import outbox, sealing
from dure.core.clock import now
from dure.core.ids import new_id
from dure.core.money import SUB_UNITS, Asset, format_amount, with_thousands
from dure.core.problems import INVALID, NOT_FOUND, FieldError
from governance import four_eyes
from governance.log.services import record
from governance.models import Erasure
from rewards.ledger.accounts import AccountKey, clearing_key, open_accounts, wallet_key
from rewards.ledger.orders import TransferOrder, derived_key
from rewards.ledger.selectors import spendable
from rewards.ledger.services import hold, post_hold, reverse, void_hold
from rewards.models import (
    AccountKind,
    BatchState,
    ItemState,
    PayoutItem,
    ProvenClaim,
    Rail,
    Redemption,
    RedemptionState,
    Transfer,
)
from rewards.problems import (
    ASSET_NOT_ON_RAIL,
    BELOW_MINIMUM,
    IN_A_BATCH,
    INSUFFICIENT,
    REDEMPTION_RESOLVED,
    SENT_IT_ONESELF,
    WHOLE_UNITS,
)
from rewards.treasury.selectors import payout_rule, withholding_rule
from rewards.wallet.destinations import SEALED_AS, normalized
from rewards.wallet.selectors import proposal_kind, proposed_settlements, settlement_kind

REDEMPTION = "redemption"
WITHHOLDING = "withholding"


@transaction.atomic
def request_redemption(
    *, acting: Actor, party_id: UUID, asset: str, amount: int, rail: str, destination: str
) -> Redemption:
    """Hold an amount (sub-units, whole units only) on its way to a destination.

    The tax that the rule in force withholds is held apart from what goes out; a gift to a
    neighbourhood fund is paid at once. The destination is sealed under its owner's key. Raises
    INSUFFICIENT (409), WHOLE_UNITS, BELOW_MINIMUM, ASSET_NOT_ON_RAIL (422), INVALID (400) and
    NOT_FOUND for a wallet of somebody else.
    """
    acting.require_person()
    if not acting.acts_for(party_id):
        raise NOT_FOUND.problem()
    _check(asset, amount, rail)
    _version, rule = payout_rule()
    target = normalized(rail, destination, rule.funds)
    _need(party_id, asset, amount)
    sealed = sealing.seal(owner=party_id, plaintext=target.encode(), context=SEALED_AS)
    goes_to = fund_key(asset, target) if rail == Rail.FUND else clearing_key(rail, asset)
    redemption = _held(acting, party_id, amount, rail, sealed, goes_to)
    if rail == Rail.FUND:
        _settle(acting, redemption)
        _log(acting, "payout.settled", rail)
    return redemption


def redeem_for_claim(
    *,
    acting: Actor,
    claim: ProvenClaim,
    party_id: UUID,
    asset: str,
    amount: int,
    destination: str,
) -> Redemption:
    """Hold an amount of somebody who has left on its way to a bank account, under their claim.

    Inside the transaction of the claim; the database takes it for the claim's own party alone.
    Raises what ``request_redemption`` raises.
    """
    _check(asset, amount, Rail.BANK)
    sealed = sealing.seal(owner=claim.id, plaintext=destination.encode(), context=SEALED_AS)
    goes_to = clearing_key(Rail.BANK, asset)
    return _held(acting, party_id, amount, Rail.BANK, sealed, goes_to, claim)


def _held(
    acting: Actor,
    party_id: UUID,
    amount: int,
    rail: str,
    destination: bytes,
    goes_to: AccountKey,
    claim: ProvenClaim | None = None,
) -> Redemption:
    """A redemption with its amount and its tax on hold, and the news of it."""
    asset = goes_to.asset
    version, rule = withholding_rule()
    worth = payout_rule()[1].worth(asset, amount)
    tax = rule.tax(asset=asset, rail=rail, amount=amount, worth=worth)
    id_ = new_id()
    redemption = Redemption.objects.create(
        id=id_,
        party_id=party_id,
        asset=asset,
        amount=amount,
        rail=rail,
        destination=destination,
        proven_claim=claim,
        hold_id=_hold(acting, id_, party_id, REDEMPTION, goes_to, amount - tax),
        tax=tax,
        tax_policy=version,
        tax_hold_id=_hold(acting, id_, party_id, WITHHOLDING, tax_key(asset), tax) if tax else None,
        requested_at=now(),
    )
    _publish("redemption.held", redemption)
    return redemption


def tax_key(asset: str) -> AccountKey:
    """What the city owes the tax office of what it withheld."""
    return AccountKey(Asset(asset).value, AccountKind.TAX.value)


def fund_key(asset: str, fund: str) -> AccountKey:
    """What was given to one neighbourhood fund: the books know whose it is without the giver."""
    return AccountKey(Asset(asset).value, AccountKind.FUND.value, None, fund)


def amount_text() -> str:
    """What an amount looks like, for whoever gave something else."""
    return _("Give an amount above zero in digits, such as 3000: no sign, at most six decimals.")


def _check(asset: str, amount: int, rail: str) -> None:
    """Refuse what the rules do not allow, before anything is written."""
    if rail not in Rail.values or asset not in Asset.values or amount <= 0:
        field = "rail" if rail not in Rail.values else "asset" if amount > 0 else "amount"
        message = _("Choose one that is offered.")
        if field == "amount":
            message = amount_text()
        raise INVALID.problem(errors=[FieldError(field, message)])
    if amount % SUB_UNITS:
        raise WHOLE_UNITS.problem(
            errors=[FieldError("amount", WHOLE_UNITS.advice, code="whole-units-only")]
        )
    _version, rule = payout_rule()
    if asset not in rule.assets[rail]:
        raise ASSET_NOT_ON_RAIL.problem(
            errors=[FieldError("asset", ASSET_NOT_ON_RAIL.title, code="asset-not-on-rail")]
        )
    if amount < rule.minimum[rail]:
        least = with_thousands(format_amount(rule.minimum[rail]))
        message = _("The smallest amount that is paid out this way is %(least)s.")
        raise BELOW_MINIMUM.problem(
            errors=[FieldError("amount", message % {"least": least}, code="below-minimum")]
        )


def _need(party_id: UUID, asset: str, amount: int) -> None:
    """Say how much there is where that is not enough; the hold itself decides (INSUFFICIENT)."""
    left = spendable(wallet_key(party_id, asset))
    if left < amount:
        whole = left // SUB_UNITS * SUB_UNITS
        message = _("At most %(most)s can be taken out now.") % {
            "most": with_thousands(format_amount(whole))
        }
        if not whole:
            message = _("There is nothing of it that can be taken out now.")
        raise INSUFFICIENT.problem(
            errors=[FieldError("amount", message, code="insufficient-balance")]
        )


def _hold(
    acting: Actor, id_: UUID, party_id: UUID, kind: str, target: AccountKey, amount: int
) -> UUID:
    """Hold an amount for a target; no time releases it, because the money may be under way."""
    source = wallet_key(party_id, target.asset)
    accounts = open_accounts(wanted=[source, target])
    order = TransferOrder.between(
        key=derived_key(kind, id_),
        kind=kind,
        source=accounts[source],
        target=accounts[target],
        amount=amount,
        reference=f"redemption:{id_}",
    )
    return hold(acting=acting, order=order).transfer_id


@transaction.atomic
def settle_redemption(
    *, acting: Actor, redemption_id: UUID, rail_reference: str = "", agreeing: bool = False
) -> Redemption:
    """The rail has paid: the amount leaves the wallet, its tax is owed to the tax office.

    By hand it takes two: the first person proposes (the answer is still held), another one with
    the same reference, never who sent its batch, carries it out. Operators; REDEMPTION_RESOLVED
    (409), IN_A_BATCH (409) before its batch was sent, SENT_IT_ONESELF (403), and what
    governance.four_eyes.propose_or_agree raises.
    """
    redemption = _locked(acting, redemption_id, RedemptionState.HELD)
    _refuse_own(acting, redemption)
    _refuse_sender(acting, redemption)
    proposal = four_eyes.propose_or_agree(
        acting=acting,
        kind=settlement_kind(redemption),
        details={"redemption": str(redemption.id), "reference": rail_reference},
        agreeing=agreeing,
    )
    if proposal.decided_at is None:
        return redemption
    _settle(acting, redemption, rail_reference)
    _log(acting, "payout.settled", redemption.rail)
    return redemption


@transaction.atomic
def return_redemption(
    *, acting: Actor, redemption_id: UUID, reason: str, agreeing: bool = False
) -> Redemption:
    """The rail has refused: the amount is free again. Operators; as settle_redemption.

    Once its batch was sent the money may be gone, so that the first person proposes (the answer is
    still held) and another one, with the same reason, gives it back. Raises what
    governance.four_eyes.propose_or_agree raises.
    """
    redemption = _locked(acting, redemption_id, RedemptionState.HELD)
    _refuse_own(acting, redemption)
    sent = redemption.payout_items.filter(state=ItemState.OPEN).exists()
    if (sent or agreeing) and not _two_agree(acting, redemption, reason, agreeing):
        return redemption
    _give_back(acting, redemption, reason)
    _log(acting, "payout.failed", redemption.rail)
    return redemption


@transaction.atomic
def reverse_redemption(
    *, acting: Actor, redemption_id: UUID, reason: str, agreeing: bool = False
) -> Redemption:
    """What was paid came back: a transfer that names the payment undoes it, tax included.

    By hand it takes two: the first person proposes (the answer is still settled), another one with
    the same reason carries it out. Operators; REDEMPTION_RESOLVED (409) for one that was not paid
    out, and what governance.four_eyes.propose_or_agree raises.
    """
    redemption = _locked(acting, redemption_id, RedemptionState.SETTLED)
    _refuse_own(acting, redemption)
    if not _two_agree(acting, redemption, reason, agreeing):
        return redemption
    _undo(acting, redemption, reason)
    _log(acting, "payout.returned", redemption.rail)
    return redemption


@transaction.atomic
def drop_proposed(*, acting: Actor, redemption_id: UUID, settlement: bool) -> Redemption:
    """End what one person said by hand of a redemption, that it was paid or is to go back.

    Whoever said it takes it back, another operator declines it; nothing moves. NOT_FOUND where
    nothing is proposed, STILL_ONE_PERSON (403) for an amount of one's own.
    """
    acting.require(Role.OPERATOR)
    redemption = Redemption.objects.select_for_update().filter(id=redemption_id).first()
    if redemption is None:
        raise NOT_FOUND.problem()
    _refuse_own(acting, redemption)
    kind_of = settlement_kind if settlement else proposal_kind
    four_eyes.drop(acting=acting, kind=kind_of(redemption))
    return redemption


@transaction.atomic
def release_of_who_left(*, acting: Actor, limit: int = 1_000) -> int:
    """Free what people held who were erased before it went out: nobody can read where to; how many.

    What is in a batch keeps waiting for its answer: the file has its destination. What they claimed
    with a code since goes out by the next batch.
    """
    erased = Erasure.objects.filter(erased_at__isnull=False).values("party_id")
    stranded = (
        Redemption.objects.select_for_update(of=("self",))
        .filter(state=RedemptionState.HELD, party__in=erased, proven_claim=None)
        .exclude(payout_items__state=ItemState.OPEN)
    )
    found = list(stranded[:limit])
    for redemption in found:
        _give_back(acting, redemption, "left")
        _log(acting, "payout.failed", redemption.rail)
    return len(found)


@transaction.atomic
def answer_item(*, acting: Actor, item: PayoutItem, answer: str, note: str) -> None:
    """Take over what a rail said of an item; ``answer`` is the state that it leads to.

    ``note`` is the rail's reference or its code of a reason. For imports, which log once for all
    their lines; REDEMPTION_RESOLVED (409) where the answer contradicts what is known.
    """
    was = RedemptionState.SETTLED if answer == ItemState.RETURNED else RedemptionState.HELD
    redemption = _locked(acting, item.redemption_id, was)
    take: dict[str, Callable[[Actor, Redemption, str], None]] = {
        ItemState.SETTLED: _settle,
        ItemState.FAILED: _give_back,
        ItemState.RETURNED: _undo,
    }
    take[answer](acting, redemption, note)


def _settle(acting: Actor, redemption: Redemption, reference: str = "") -> None:
    for held in _holds(redemption):
        post_hold(acting=acting, hold_id=held)
    redemption.rail_reference = reference
    _resolved(redemption, RedemptionState.SETTLED, ItemState.SETTLED)


def _give_back(acting: Actor, redemption: Redemption, reason: str) -> None:
    for held in _holds(redemption):
        void_hold(acting=acting, hold_id=held)
    redemption.reason = reason
    _resolved(redemption, RedemptionState.RETURNED, ItemState.FAILED)


def _undo(acting: Actor, redemption: Redemption, reason: str) -> None:
    paid = Transfer.objects.filter(pending_id__in=_holds(redemption)).order_by("kind")
    for transfer in paid:
        reverse(acting=acting, transfer_id=transfer.id, reason="payout-returned")
    redemption.reason = reason
    _resolved(redemption, RedemptionState.RETURNED, ItemState.RETURNED)


def _refuse_own(acting: Actor, redemption: Redemption) -> None:
    """Nobody says of an amount of their own that it was paid, or that it came back."""
    if acting.acts_for(redemption.party_id):
        raise four_eyes.STILL_ONE_PERSON.problem()


def _refuse_sender(acting: Actor, redemption: Redemption) -> None:
    """Whoever sent the batch may propose that it was paid, and not be the one who agrees."""
    person = acting.require_person()
    sent = redemption.payout_items.filter(state=ItemState.OPEN, batch__sender=person)
    made = proposed_settlements([redemption]).get(redemption.id)
    if made is not None and made.proposer_id != person.id and sent.exists():
        raise SENT_IT_ONESELF.problem()


def _two_agree(acting: Actor, redemption: Redemption, reason: str, agreeing: bool) -> bool:
    """Whether this is the second of two persons who say so; the first one's word is kept."""
    proposal = four_eyes.propose_or_agree(
        acting=acting,
        kind=proposal_kind(redemption),
        details={"redemption": str(redemption.id), "reason": reason},
        agreeing=agreeing,
    )
    return proposal.decided_at is not None


def _holds(redemption: Redemption) -> list[UUID]:
    return [held for held in (redemption.hold_id, redemption.tax_hold_id) if held is not None]


def _locked(acting: Actor, redemption_id: UUID, state: RedemptionState) -> Redemption:
    acting.require(Role.OPERATOR)
    redemption = Redemption.objects.select_for_update().filter(id=redemption_id).first()
    if redemption is None:
        raise NOT_FOUND.problem()
    if redemption.state != state:
        raise REDEMPTION_RESOLVED.problem()
    unsent = PayoutItem.objects.filter(
        redemption=redemption,
        state=ItemState.OPEN,
        batch__state__in=[BatchState.PROPOSED, BatchState.APPROVED],
    )
    if unsent.exists():
        raise IN_A_BATCH.problem()
    return redemption


def _resolved(redemption: Redemption, state: RedemptionState, item: ItemState) -> None:
    redemption.state = state
    redemption.resolved_at = now()
    redemption.save(update_fields=["state", "rail_reference", "reason", "resolved_at"])
    was = ItemState.SETTLED if item == ItemState.RETURNED else ItemState.OPEN
    PayoutItem.objects.filter(redemption=redemption, state=was).update(
        state=item, resolved_at=redemption.resolved_at
    )
    _forget_claim(redemption.proven_claim_id)
    _publish(f"redemption.{state}", redemption)


def _forget_claim(claim_id: UUID | None) -> None:
    """Nothing of a claim is under way any more: nobody needs to read its name and account again."""
    under_way = Redemption.objects.filter(proven_claim=claim_id, state=RedemptionState.HELD)
    if claim_id is not None and not under_way.exists():
        sealing.destroy_keys(claim_id)


def _log(acting: Actor, kind: str, rail: str) -> None:
    record(kind=kind, acting=acting, subject=None, payload={"rail": rail, "count": 1})


def _publish(kind: str, redemption: Redemption) -> None:
    outbox.publish(
        kind=kind,
        subject=str(redemption.id),
        payload={"redemption": str(redemption.id), "party": str(redemption.party_id)},
    )
