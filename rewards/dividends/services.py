"""Dividends: freezing who gets what, then paying it chunk by chunk, each chunk exactly once.

Every step is a few set-based statements. Killed anywhere, a payment resumes at the next chunk; of
two copies that run at once, the second waits for a chunk and then finds it paid.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID, uuid4

from django.db import connection, transaction

from contributions.releases.reach import within_reach
from dure.accounts.acting import Actor
from dure.core.clock import now
from dure.core.money import Asset
from governance.log import merkle
from governance.log.services import record
from rewards.dividends import city
from rewards.dividends.payees import PAYEES, opening_wallets, payees_within
from rewards.ledger.orders import Leg, TransferOrder, derived_key
from rewards.ledger.services import post
from rewards.models import Dividend, DividendState, Licence

CHUNK: Final = 100_000

# A share is floored in numeric: amount * weight outgrows a bigint.
_SHARES: Final = """
INSERT INTO rewards_dividendshare (dividend_id, number, account_id, weight, amount, leaf)
SELECT %(dividend)s::uuid, number, id, weight, amount, sha256('\\x00'::bytea || convert_to(
    '{{"account":"' || public_id || '","amount":"' || amount || '","dividend":"'
    || %(dividend)s::text || '","weight":"' || weight || '"}}', 'UTF8'))
FROM (
    SELECT row_number() OVER (ORDER BY a.id) - 1 AS number, a.id, a.public_id, p.weight,
           div(%(amount)s::numeric * p.weight, sum(p.weight) OVER ())::bigint AS amount
    FROM ({payees}) p JOIN rewards_account a
      ON a.owner_id = p.party_id AND a.kind = 'wallet' AND a.asset = %(asset)s AND a.scope = ''
) s ORDER BY number
"""

_CHUNKS: Final = """
INSERT INTO rewards_dividendchunk (dividend_id, first, last, paid)
SELECT %s, first, least(first + %s, %s) - 1, false FROM generate_series(0, %s - 1, %s) first
"""

_NEXT: Final = """
SELECT first, last FROM rewards_dividendchunk
WHERE dividend_id = %s AND NOT paid ORDER BY first LIMIT 1
"""

_CLAIM: Final = """
SELECT paid FROM rewards_dividendchunk WHERE dividend_id = %s AND first = %s FOR UPDATE
"""

_DUE: Final = """
SELECT account_id, amount FROM rewards_dividendshare
WHERE dividend_id = %s AND number BETWEEN %s AND %s AND amount > 0 ORDER BY number
"""


@transaction.atomic
def freeze(
    *, acting: Actor, licence: Licence, source: int, amount: int, chunk: int = CHUNK
) -> Dividend | None:
    """Freeze the shares of ``amount`` sub-units on account ``source``; None where nobody shares.

    Weights are what each person's data earned in the approved epochs of the call, withdrawn data
    excluded; where notices of the call name recipients, only data counts that may reach this
    licensee at this moment (ADR 19). Shares are floored; what is left stays on ``source``. The log
    keeps the root over the shares, which each person's proof leads to. A dividend for a city is
    ordered as a bulk posting instead, recipients or not, and None is the answer.
    """
    within = within_reach(licence.call, licence.party_id)
    payees, narrowed = (PAYEES, {}) if within is None else payees_within(within)
    if city.is_for_a_city(payees, {**narrowed, "call": licence.call_id}):
        city.order(
            acting=acting,
            licence=licence,
            source=source,
            amount=amount,
            by_name=within is not None,
        )
        return None
    dividend, asset = uuid4(), Asset.KRW.value
    moment = now()
    values: dict[str, Any] = {  # Any: parameters of statements
        **narrowed,
        "call": licence.call_id,
        "asset": asset,
        "now": moment,
        "dividend": str(dividend),
        "amount": amount,
    }
    with connection.cursor() as cursor:
        cursor.execute(opening_wallets(payees), values)
        # Shares refer to their dividend at the end of the transaction (deferred foreign key).
        cursor.execute(_SHARES.format(payees=payees), values)
        people = cursor.rowcount
        if not people:
            return None
        cursor.execute(
            "SELECT leaf, amount FROM rewards_dividendshare WHERE dividend_id = %s ORDER BY number",
            [dividend],
        )
        leaves, paid = [], 0
        for leaf, share in cursor.fetchall():
            leaves.append(bytes(leaf))
            paid += share
        cursor.execute(_CHUNKS, [dividend, chunk, people, people, chunk])
    found = Dividend.objects.create(
        id=dividend,
        licence=licence,
        source_id=source,
        amount=amount,
        rest=amount - paid,
        people=people,
        root=merkle.root(leaves).hex(),
        frozen_at=moment,
    )
    record(
        kind="dividend.frozen",
        acting=acting,
        subject=None,
        payload={
            "dividend": str(found.id),
            "licence": str(licence.id),
            "people": people,
            "root": found.root,
        },
    )
    return found


def pay(*, acting: Actor, dividend_id: UUID) -> int:
    """Pay what is not paid yet, a transaction for each chunk; how many chunks this call paid.

    Safe to repeat, to kill and to run twice at the same moment.
    """
    paid = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_NEXT, [dividend_id])
            chunk = cursor.fetchone()
        if chunk is None:
            break
        paid += pay_chunk(acting=acting, dividend_id=dividend_id, first=chunk[0], last=chunk[1])
    Dividend.objects.filter(id=dividend_id, state=DividendState.PAYING).update(
        state=DividendState.PAID, paid_at=now()
    )
    return paid


@transaction.atomic
def pay_chunk(*, acting: Actor, dividend_id: UUID, first: int, last: int) -> bool:
    """Pay one chunk; false where another copy has done so."""
    dividend = Dividend.objects.get(id=dividend_id)
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [dividend_id, first])
        row = cursor.fetchone()
        if row is None or row[0]:
            return False
        cursor.execute(_DUE, [dividend_id, first, last])
        due = [Leg(account, amount) for account, amount in cursor.fetchall()]
        if due:  # otherwise every share is below a sub-unit
            order = TransferOrder(
                key=derived_key("dividend", dividend_id, first),
                kind="dividend",
                legs=(Leg(dividend.source_id, -sum(leg.amount for leg in due)), *due),
                reference=f"dividend:{dividend_id}",
            )
            post(acting=acting, transfers=[order])
        cursor.execute(
            "UPDATE rewards_dividendchunk SET paid = true WHERE dividend_id = %s AND first = %s",
            [dividend_id, first],
        )
    return True
