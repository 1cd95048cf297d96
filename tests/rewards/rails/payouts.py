"""Redemptions and batches on their way, for tests."""

from __future__ import annotations

from dure.accounts.models import Person
from dure.core.money import SUB_UNITS
from rewards.models import ImportState, PayoutBatch, RailImport, Redemption
from rewards.rails.batches import approve_batch, propose_batch, send_batch
from rewards.rails.imports import agree_to_answer, import_answer
from rewards.wallet.selectors import wallet_document
from rewards.wallet.services import request_redemption, settle_redemption
from tests import cast
from tests.rewards.money import wallet

ACCOUNT = "088-110123456789"


def redeem(
    units: int,
    *,
    rail: str = "bank",
    destination: str = ACCOUNT,
    asset: str = "KRW",
    person: Person | None = None,
) -> Redemption:
    """A wish that takes out all that was put into the wallet for it."""
    owner = person or cast.mina()
    wallet(owner, units, asset)
    return request_redemption(
        acting=cast.actor(owner),
        party_id=owner.party_id,
        asset=asset,
        amount=units * SUB_UNITS,
        rail=rail,
        destination=destination,
    )


def sent_batch(rail: str = "bank", asset: str = "KRW") -> PayoutBatch:
    """All that waits, proposed by Kang, approved and sent by Lim."""
    kang, lim = cast.actor(cast.kang()), cast.actor(cast.lim())
    batch = propose_batch(acting=kang, rail=rail, asset=asset)
    approve_batch(acting=lim, batch_id=batch.id)
    return send_batch(acting=lim, batch_id=batch.id)


def settled(redemption: Redemption, reference: str = "") -> Redemption:
    """One that two people say by hand was paid: Lim proposes, Kang agrees."""
    for person in (cast.lim(), cast.kang()):
        redemption = settle_redemption(
            acting=cast.actor(person), redemption_id=redemption.id, rail_reference=reference
        )
    return redemption


def taken_over(content: bytes, rail: str = "bank") -> RailImport:
    """A file that Kang brings, and that Lim agrees to where that is needed."""
    taken = import_answer(acting=cast.actor(cast.kang()), rail=rail, content=content)
    if taken.state == ImportState.WAITING:
        agree_to_answer(acting=cast.actor(cast.lim()), answer_id=taken.id)
        taken.refresh_from_db()
    return taken


def confirmed(person: Person | None = None, asset: str = "KRW") -> str:
    """What a wallet shows as its owner's."""
    balances = wallet_document((person or cast.mina()).party_id)["balances"]
    return next(row["confirmed"] for row in balances if row["asset"] == asset)
