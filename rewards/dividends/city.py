"""A dividend with so many people that it is posted to all of them at once, as one job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.db import connection

from contributions.models import Call
from contributions.releases.reach import within_reach
from dure.accounts.acting import Actor
from dure.core.canonical import canonical_hash
from dure.core.money import Asset
from rewards.dividends.payees import PAYEES, opening_wallets, payees_within
from rewards.ledger.bulk import eligible, steps
from rewards.ledger.orders import derived_key
from rewards.models import BulkBatch, Licence, PolicySubject
from rewards.treasury.selectors import in_force

KIND: Final = "dividend"
#: From so many people on, a dividend is a bulk posting.
CITY_FROM: Final = 100_000

_ELIGIBLE: Final = """
SELECT a.id AS account_id, p.weight::bigint AS weight FROM ({payees}) p
JOIN rewards_account a ON a.owner_id = p.party_id AND a.kind = 'wallet' AND a.asset = %(asset)s
    AND a.scope = ''
"""
_EVERYBODY: Final = _ELIGIBLE.format(payees=PAYEES)
_COUNT: Final = "SELECT count(*) FROM ({payees}) p"


def register() -> None:
    """Let bulk postings know who shares in a dividend."""
    known = eligible.Eligible(_EVERYBODY, opening_wallets(PAYEES), asking)
    eligible.kinds.register(KIND, known)


def asking(basis: Mapping[str, str]) -> eligible.Asking:
    """Who shares in a dividend at this moment, as statements.

    The basis names the ``call``, and where notices of it name recipients also the ``licensee``:
    then only data counts that may reach it now (ADR 19).
    """
    payees: str = PAYEES
    values: dict[str, Any] = {}  # Any: parameters of a statement
    if "licensee" in basis:
        call = Call.objects.select_related("published").get(id=basis["call"])
        reach = within_reach(call, UUID(basis["licensee"]))
        assert reach is not None, "notices stay, and one of them named recipients"
        payees, values = payees_within(reach)
    return eligible.Asking(_ELIGIBLE.format(payees=payees), opening_wallets(payees), values)


def is_for_a_city(payees: str, values: Mapping[str, Any]) -> bool:  # Any: parameters
    """Whether so many people share that one transaction is not for them."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.format(payees=payees), values)
        row = cursor.fetchone()
    return row is not None and row[0] >= CITY_FROM


def order(
    *, acting: Actor, licence: Licence, source: int, amount: int, by_name: bool = False
) -> BulkBatch:
    """Order the dividend of a licence; workers freeze, load and post it, everybody at once.

    ``by_name`` where notices of its call name recipients: whom the licensee may reach is asked
    when the shares are frozen.
    """
    licensee = {"licensee": str(licence.party_id)} if by_name else {}
    return steps.order(
        acting=acting,
        key=derived_key("city-dividend", licence.id),
        kind=KIND,
        basis={"call": str(licence.call_id), **licensee},
        asset=Asset.KRW.value,
        source=source,
        amount=amount,
        policy_sha256=canonical_hash(dict(in_force(PolicySubject.LICENSING).document)),
        reference=f"licence:{licence.id}",
    )
