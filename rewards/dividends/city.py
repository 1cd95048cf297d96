"""A dividend with so many people that it is posted to all of them at once, as one job."""

from __future__ import annotations

from typing import Final

from django.db import connection

from dure.accounts.acting import Actor
from dure.core.canonical import canonical_hash
from dure.core.money import Asset
from rewards.dividends.payees import PAYEES, opening_wallets
from rewards.ledger.bulk import eligible, steps
from rewards.ledger.orders import derived_key
from rewards.models import BulkBatch, Licence, PolicySubject
from rewards.treasury.selectors import in_force

KIND: Final = "dividend"
#: From so many people on, a dividend is a bulk posting.
CITY_FROM: Final = 100_000

_ELIGIBLE: Final = f"""
SELECT a.id AS account_id, p.weight::bigint AS weight FROM ({PAYEES}) p
JOIN rewards_account a ON a.owner_id = p.party_id AND a.kind = 'wallet' AND a.asset = %(asset)s
    AND a.scope = ''
"""  # noqa: S608  # no input: both parts are constants

_COUNT: Final = f"SELECT count(*) FROM ({PAYEES}) p"  # noqa: S608  # a constant around a constant


def register() -> None:
    """Let bulk postings know who shares in a dividend."""
    eligible.kinds.register(KIND, eligible.Eligible(_ELIGIBLE, opening_wallets(PAYEES)))


def is_for_a_city(licence: Licence) -> bool:
    """Whether so many people share that one transaction is not for them."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"call": licence.call_id})
        row = cursor.fetchone()
    return row is not None and row[0] >= CITY_FROM


def order(*, acting: Actor, licence: Licence, source: int, amount: int) -> BulkBatch:
    """Order the dividend of a licence; workers freeze, load and post it, everybody at once."""
    return steps.order(
        acting=acting,
        key=derived_key("city-dividend", licence.id),
        kind=KIND,
        basis={"call": str(licence.call_id)},
        asset=Asset.KRW.value,
        source=source,
        amount=amount,
        policy_sha256=canonical_hash(dict(in_force(PolicySubject.LICENSING).document)),
        reference=f"licence:{licence.id}",
    )
