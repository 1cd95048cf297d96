"""The steps of a bulk posting; each is one transaction and, done again, changes nothing.

order → freeze (who gets what, and the reserve) → take in chunk by chunk → hash → index → seal →
publish.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from dure.accounts.acting import Actor
from dure.core import outbox
from dure.core.clock import now
from dure.core.money import AMOUNT_MAX, Asset, format_amount
from governance.log.services import record
from rewards.ledger.accounts import AccountKey, open_accounts
from rewards.ledger.bulk import eligible, tree
from rewards.ledger.bulk.turns import others_post
from rewards.ledger.durability import require_durable
from rewards.ledger.orders import TransferOrder, derived_key
from rewards.ledger.services import hold, post_hold, void_hold
from rewards.ledger.writing import BIGINT_MAX
from rewards.models import AccountKind, BulkBatch, BulkState
from rewards.problems import TRANSFER_MISMATCH

#: Shares in a chunk: 65,536, a transaction of a part of a second, hashed beside the next.
CHUNK_BITS: Final = 16
#: Why a batch may have failed.
NOBODY: Final = "nobody-is-eligible"

#: No second process of the server reads along: who pays meanwhile would wait for a processor.
_ONE_READER: Final = "SET LOCAL max_parallel_workers_per_gather = 0"
_ELIGIBLE: Final = """
CREATE TEMPORARY TABLE bulk_eligible_{number} ON COMMIT DROP AS
SELECT account_id, weight FROM ({statement}) eligible
"""
_WEIGHTS: Final = "SELECT coalesce(sum(weight), 0), max(weight) FROM bulk_eligible_{number}"
_FREEZE: Final = """
INSERT INTO rewards_bulkentry_{number} (batch, number, account_id, weight, amount)
SELECT {number}, row_number() OVER (ORDER BY account_id) - 1, account_id, weight, {share}
FROM bulk_eligible_{number}
"""


@transaction.atomic
def order(
    *,
    acting: Actor,
    key: UUID,
    kind: str,
    basis: Mapping[str, str],
    asset: str,
    source: int,
    amount: int,
    policy_sha256: str,
    reference: str,
    chunk_bits: int = CHUNK_BITS,
) -> BulkBatch:
    """Order ``amount`` sub-units of account ``source`` to be shared by weight; once per key.

    Nothing moves yet. Raises TRANSFER_MISMATCH (409) for a key with other content, ValueError for
    what cannot be meant.
    """
    if eligible.kinds.get(kind) is None or not 0 < amount <= AMOUNT_MAX:
        raise ValueError("a bulk posting has a known kind and moves something")
    own = AccountKey(Asset(asset).value, AccountKind.DIVIDEND.value, None, f"bulk:{key}")
    account = open_accounts(wanted=[own])[own]
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('rewards_bulk_number')")
        (number,) = cursor.fetchone() or (0,)
    ordered = BulkBatch(
        id=key,
        number=number,
        kind=kind,
        basis=dict(basis),
        asset=asset,
        source_id=source,
        account_id=account,
        amount=amount,
        chunk_bits=chunk_bits,
        policy_sha256=policy_sha256,
        reference=reference,
        actor=acting.ref,
        ordered_at=now(),
    )
    BulkBatch.objects.bulk_create([ordered], ignore_conflicts=True)
    stored = BulkBatch.objects.get(id=key)
    if _order_of(stored) != _order_of(ordered):
        raise TRANSFER_MISMATCH.problem()
    return stored


def _order_of(batch: BulkBatch) -> tuple[object, ...]:
    facts = (batch.kind, batch.basis, batch.asset, batch.source_id, batch.amount)
    return (*facts, batch.policy_sha256, batch.reference)


@transaction.atomic
def freeze(*, acting: Actor, batch_id: UUID) -> None:
    """Freeze who is eligible with which weight and share, and reserve the amount on the source.

    Raises INSUFFICIENT (409) where the source does not have it. A batch for nobody fails.
    """
    require_durable()
    batch = BulkBatch.objects.select_for_update(no_key=True).get(id=batch_id)
    if batch.state != BulkState.ORDERED:
        return
    kind = eligible.kinds.get(batch.kind)
    assert kind is not None, "order() has checked it"
    asking = kind.of(batch.basis)
    values: dict[str, Any] = {  # Any: parameters of statements
        **batch.basis,
        **asking.values,
        "asset": batch.asset,
        "now": now(),
    }
    alone = others_post()
    held = hold(
        acting=acting,
        order=TransferOrder.between(
            key=derived_key("bulk", batch.id),
            kind=batch.kind,
            source=batch.source_id,
            target=batch.account_id,
            amount=batch.amount,
            reference=batch.reference,
        ),
    )
    with connection.cursor() as cursor:
        if asking.opening:
            cursor.execute(asking.opening, values)
        cursor.execute("SELECT rewards_bulk_open(%s)", [batch.id])
        # Sorting millions of rows in the 4 MB of a default server goes through files twice.
        cursor.execute("SET LOCAL work_mem = '128MB'")
        if alone:
            cursor.execute(_ONE_READER)
        number = int(batch.number)
        cursor.execute(_ELIGIBLE.format(number=number, statement=asking.statement), values)
        cursor.execute(_WEIGHTS.format(number=number))
        total, heaviest = (int(sum_or_most or 0) for sum_or_most in cursor.fetchone() or (0, 0))
        if total:
            share = _share(batch.amount, total, heaviest)
            cursor.execute(_FREEZE.format(number=number, share=share))
        cursor.execute("SELECT rewards_bulk_freeze(%s, %s)", [batch.id, held.transfer_id])
        (people,) = cursor.fetchone() or (0,)
        cursor.execute("SET LOCAL work_mem TO DEFAULT")
        cursor.execute("SET LOCAL max_parallel_workers_per_gather TO DEFAULT")
        if not people:
            void_hold(acting=acting, hold_id=held.transfer_id)
            cursor.execute("SELECT rewards_bulk_discard(%s, %s)", [batch.id, NOBODY])


def _share(amount: int, total: int, heaviest: int) -> str:
    """SQL of ``amount * weight / total``, floored: in 64 bits where they hold it, else in numeric.

    Where amount = q * total + r, it is q * weight + floor(r * weight / total). Each chunk is worked
    out again in numeric before it is taken in.
    """
    whole, rest = divmod(amount, total)
    if total * heaviest <= BIGINT_MAX:
        return f"weight * {whole} + weight * {rest} / {total}"
    return f"div({amount}::numeric * weight, {total}::numeric)::bigint"


@transaction.atomic
def load(*, batch_id: UUID, place: int) -> int:
    """Look at one chunk and take it in; how many shares, 0 where another copy has done so."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rewards_bulk_load(%s, %s)", [batch_id, place])
        (shares,) = cursor.fetchone() or (0,)
    return int(shares)


@transaction.atomic
def index(*, batch_id: UUID, alone: bool = False) -> None:
    """Build the indexes of a loaded batch, ``alone`` by one process of the server.

    Does not wait for the hashing of its chunks.
    """
    with connection.cursor() as cursor:
        if alone:
            cursor.execute("SET LOCAL max_parallel_maintenance_workers = 0")
        cursor.execute("SELECT rewards_bulk_index(%s)", [batch_id])


@transaction.atomic
def seal(*, batch_id: UUID) -> None:
    """Check the loaded batch as a whole and give it its root."""
    batch = BulkBatch.objects.select_for_update(no_key=True).get(id=batch_id)
    if batch.state != BulkState.LOADING:
        return
    root = tree.StoredTree(batch).root().hex()
    with connection.cursor() as cursor:
        if others_post(batch.reserve_id):
            cursor.execute(_ONE_READER)
        cursor.execute("SELECT rewards_bulk_seal(%s, %s)", [batch_id, root])


@transaction.atomic
def publish(*, acting: Actor, batch_id: UUID) -> None:
    """Everything at once: the sum leaves the source, the shares are there, the log says so."""
    require_durable()
    batch = BulkBatch.objects.select_for_update(no_key=True).get(id=batch_id)
    if batch.state != BulkState.SEALED:
        return
    assert batch.reserve_id is not None
    assert batch.total is not None
    if batch.total:
        post_hold(acting=acting, hold_id=batch.reserve_id, amount=batch.total)
    else:  # every share is below a sub-unit
        void_hold(acting=acting, hold_id=batch.reserve_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT rewards_bulk_attach(%s, %s)", [batch.id, now()])
    record(
        kind="dividend.posted",
        acting=acting,
        subject=batch.id,
        payload={
            "batch": str(batch.id),
            "asset": batch.asset,
            "people": batch.people or 0,
            "root": batch.root,
            "total": format_amount(batch.total),
        },
    )
    outbox.publish(
        kind="bulk.posted", subject=str(batch.id), payload={"reference": batch.reference}
    )


@transaction.atomic
def give_up(*, acting: Actor, batch_id: UUID, reason: str) -> None:
    """End a batch that nobody has seen; its reserve is free again. ``reason`` is a code."""
    batch = BulkBatch.objects.select_for_update(no_key=True).get(id=batch_id)
    if batch.state in (BulkState.POSTED, BulkState.FAILED):
        return
    if batch.reserve_id:
        void_hold(acting=acting, hold_id=batch.reserve_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT rewards_bulk_discard(%s, %s)", [batch.id, reason])
