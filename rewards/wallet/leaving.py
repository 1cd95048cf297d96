"""What becomes of a balance when its owner asks to be erased: as they say, or as the city's rule.

A pay-out is an ordinary redemption, so that it goes out by a batch of two people; the erasure waits
for that within its legal time, since the destination goes with the keys. All that is still there
after the erasure, earned later or given back, is settled by ``rewards.wallet.unclaimed``.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from dure.accounts.acting import Actor
from dure.core import outbox
from dure.core.money import SUB_UNITS
from dure.core.problems import INVALID, FieldError
from governance.log.services import record
from rewards.ledger.bulk.folding import holdings
from rewards.ledger.selectors import wallets
from rewards.models import (
    BatchState,
    ItemState,
    LeavingChoice,
    LeavingWish,
    PayoutItem,
    Rail,
    Redemption,
    RedemptionState,
)
from rewards.problems import NOTHING_TO_PAY
from rewards.treasury.rules import Payout
from rewards.treasury.selectors import payout_rule
from rewards.wallet.services import request_redemption


class BalanceFarewell:
    """Asks somebody who leaves about their balance: ``wish``; with pay a rail, a destination."""

    def wish(self, acting: Actor, party_id: UUID, said: Mapping[str, str]) -> None:
        """Keep what was chosen, and hold what is to be paid out; as ``choose``."""
        choose(
            acting=acting,
            party_id=party_id,
            wish=said.get("wish", ""),
            rail=said.get("rail", ""),
            destination=said.get("destination", ""),
        )

    def waits(self, party_id: UUID) -> bool:
        """Whether a pay-out that was chosen is not on its way yet."""
        return wish_of(party_id) == LeavingWish.PAY and _held(party_id)


@transaction.atomic
def choose(
    *, acting: Actor, party_id: UUID, wish: str, rail: str = "", destination: str = ""
) -> LeavingChoice:
    """Say what becomes of what is in a wallet; said again, the last word counts.

    With ``pay`` the whole units of every asset that the rail takes are held on their way out at
    once. Raises INVALID (400) for an unknown wish or destination, NOTHING_TO_PAY (422) where no
    asset reaches the least amount, and the problems of a redemption.
    """
    acting.require_person()
    if wish not in LeavingWish.values:
        raise INVALID.problem(errors=[FieldError("wish", INVALID.title, "unknown")])
    if wish == LeavingWish.PAY:
        _pay(acting, party_id, rail, destination)
    entry = record(kind="leaving.chosen", acting=acting, subject=party_id, payload={"wish": wish})
    outbox.publish(
        kind="leaving.chosen",
        subject=str(party_id),
        payload={"party": str(party_id), "wish": wish},
    )
    return LeavingChoice.objects.create(
        party_id=party_id, wish=wish, at=entry.recorded_at, log_entry=entry.id
    )


def wish_of(party_id: UUID) -> str:
    """The last word of somebody who leaves; empty where they said nothing."""
    said = LeavingChoice.objects.filter(party_id=party_id).order_by("-at", "-id")
    return said.values_list("wish", flat=True).first() or ""


def spendable_of(party_id: UUID) -> dict[str, int]:
    """Sub-units in the wallets of a party that nothing holds, by asset; only above zero."""
    accounts = dict(wallets(party_id).values_list("id", "asset"))
    held = {accounts[id_]: each.spendable for id_, each in holdings(accounts).items()}
    return {asset: amount for asset, amount in sorted(held.items()) if amount > 0}


def payable(spendable: Mapping[str, int], rule: Payout, rail: str) -> dict[str, int]:
    """Sub-units that a rail pays out, by asset: whole units, from the rule's least amount on."""
    whole = {asset: amount // SUB_UNITS * SUB_UNITS for asset, amount in spendable.items()}
    return {
        asset: amount
        for asset, amount in whole.items()
        if asset in rule.assets[rail] and amount > 0 and amount >= rule.minimum[rail]
    }


def _pay(acting: Actor, party_id: UUID, rail: str, destination: str) -> None:
    if rail not in Rail.values or rail == Rail.FUND:
        raise INVALID.problem(errors=[FieldError("rail", INVALID.title, "unknown")])
    _version, rule = payout_rule()
    amounts = payable(spendable_of(party_id), rule, rail)
    if not amounts and not _held(party_id):
        raise NOTHING_TO_PAY.problem()
    for asset, amount in amounts.items():
        request_redemption(
            acting=acting,
            party_id=party_id,
            asset=asset,
            amount=amount,
            rail=rail,
            destination=destination,
        )


def _held(party_id: UUID) -> bool:
    """Whether something is held whose destination no rail has got yet."""
    sent = PayoutItem.objects.filter(
        state=ItemState.OPEN, batch__state=BatchState.SENT, redemption__party_id=party_id
    )
    held = Redemption.objects.filter(party_id=party_id, state=RedemptionState.HELD)
    return held.exclude(id__in=sent.values("redemption_id")).exists()
