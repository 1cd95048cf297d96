"""Taking value out of a wallet: held at once, then paid out or given back."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core import outbox, sealing
from dure.core.clock import now
from dure.core.ids import new_id
from dure.core.money import SUB_UNITS, Asset
from dure.core.problems import INVALID, NOT_FOUND, FieldError
from rewards.ledger.accounts import clearing_key, open_accounts, wallet_key
from rewards.ledger.orders import TransferOrder, derived_key
from rewards.ledger.services import hold, post_hold, void_hold
from rewards.models import Rail, Redemption, RedemptionState
from rewards.problems import REDEMPTION_RESOLVED, WHOLE_UNITS
from rewards.wallet.destinations import normalized

SEALED_AS = "rewards.redemption.destination"


@transaction.atomic
def request_redemption(
    *, acting: Actor, party_id: UUID, asset: str, amount: int, rail: str, destination: str
) -> Redemption:
    """Hold an amount (sub-units, whole units only) on its way to a destination.

    The destination is sealed under its owner's key. Raises INSUFFICIENT (409), WHOLE_UNITS (422),
    INVALID (400) and NOT_FOUND for a wallet of somebody else.
    """
    acting.require_person()
    if not acting.acts_for(party_id):
        raise NOT_FOUND.problem()
    if rail not in Rail.values or asset not in Asset.values or amount <= 0:
        field = "rail" if rail not in Rail.values else "asset" if amount > 0 else "amount"
        raise INVALID.problem(errors=[FieldError(field, _("Choose one that is offered."))])
    if amount % SUB_UNITS:
        raise WHOLE_UNITS.problem()
    target = normalized(rail, destination)
    id_ = new_id()
    wallet, clearing = wallet_key(party_id, asset), clearing_key(rail, asset)
    accounts = open_accounts(wanted=[wallet, clearing])
    held = hold(
        acting=acting,
        order=TransferOrder.between(
            key=derived_key("redemption", id_),
            kind="redemption",
            source=accounts[wallet],
            target=accounts[clearing],
            amount=amount,
            reference=f"redemption:{id_}",
        ),
    )
    redemption = Redemption.objects.create(
        id=id_,
        party_id=party_id,
        asset=asset,
        amount=amount,
        rail=rail,
        destination=sealing.seal(owner=party_id, plaintext=target.encode(), context=SEALED_AS),
        hold_id=held.transfer_id,
        requested_at=now(),
    )
    _publish("redemption.held", redemption)
    return redemption


@transaction.atomic
def settle_redemption(
    *, acting: Actor, redemption_id: UUID, rail_reference: str = ""
) -> Redemption:
    """The rail has paid: the amount leaves the wallet. Operators; REDEMPTION_RESOLVED (409)."""
    redemption = _held(acting, redemption_id)
    post_hold(acting=acting, hold_id=redemption.hold_id)
    return _resolved(redemption, RedemptionState.SETTLED, rail_reference=rail_reference)


@transaction.atomic
def return_redemption(*, acting: Actor, redemption_id: UUID, reason: str) -> Redemption:
    """The rail has refused: the amount is free again. Operators; REDEMPTION_RESOLVED (409)."""
    redemption = _held(acting, redemption_id)
    void_hold(acting=acting, hold_id=redemption.hold_id)
    return _resolved(redemption, RedemptionState.RETURNED, reason=reason)


def _held(acting: Actor, redemption_id: UUID) -> Redemption:
    acting.require(Role.OPERATOR)
    redemption = Redemption.objects.select_for_update().filter(id=redemption_id).first()
    if redemption is None:
        raise NOT_FOUND.problem()
    if redemption.state != RedemptionState.HELD:
        raise REDEMPTION_RESOLVED.problem()
    return redemption


def _resolved(
    redemption: Redemption, state: RedemptionState, *, rail_reference: str = "", reason: str = ""
) -> Redemption:
    redemption.state = state
    redemption.rail_reference = rail_reference
    redemption.reason = reason
    redemption.resolved_at = now()
    redemption.save(update_fields=["state", "rail_reference", "reason", "resolved_at"])
    _publish(f"redemption.{state}", redemption)
    return redemption


def _publish(kind: str, redemption: Redemption) -> None:
    outbox.publish(
        kind=kind,
        subject=str(redemption.id),
        payload={"redemption": str(redemption.id), "party": str(redemption.party_id)},
    )
