"""Transfers, one by one and in batches; beside a bare INSERT … SELECT and django-hordak."""

from __future__ import annotations

import uuid

from django.db import connection, transaction

from tests.benchmarks import hordak
from tests.benchmarks.measure import Figure, Size, stopwatch, time_each

SINGLE: dict[Size, int] = {"quick": 200, "normal": 1_000, "full": 2_000}
BATCH: dict[Size, int] = {"quick": 20_000, "normal": 100_000, "full": 1_000_000}
AT_ONCE = 20_000

_SHAPE = """
CREATE TABLE bench_transfer (id uuid PRIMARY KEY, idem uuid UNIQUE, req_hash text, kind text,
    reference text, posted_at timestamptz, actor text);
CREATE TABLE bench_entry (account_id bigint, version bigint, transfer_id uuid, seq int,
    asset text, amount bigint, after bigint,
    PRIMARY KEY (account_id, version), UNIQUE (transfer_id, seq));
"""
_RAW_TRANSFERS = """
INSERT INTO bench_transfer
SELECT gen_random_uuid(), gen_random_uuid(), repeat('0', 64), 'reward', 'bench', now(), 'bench'
FROM generate_series(1, %s)
"""
_RAW_ENTRIES = """
INSERT INTO bench_entry
SELECT CASE side WHEN 0 THEN 0 ELSE place END, CASE side WHEN 0 THEN place ELSE 1 END,
       id, side, 'DURE', CASE side WHEN 0 THEN -1000 ELSE 1000 END, 1000
FROM (SELECT id, row_number() OVER () AS place FROM bench_transfer) t, generate_series(0, 1) side
"""


def run(size: Size) -> list[Figure]:
    from dure.accounts.acting import Actor
    from rewards.ledger.orders import TransferOrder
    from rewards.ledger.services import post

    acting = Actor.system("benchmark")
    source, wallets = _accounts(BATCH[size])

    def order(target: int) -> TransferOrder:
        return TransferOrder.between(
            key=uuid.uuid4(), kind="reward", source=source, target=target, amount=1_000
        )

    single = time_each(
        lambda number: post(acting=acting, transfers=[order(wallets[number])]), SINGLE[size]
    )
    with stopwatch() as batched:
        for start in range(0, len(wallets), AT_ONCE):
            orders = [order(target) for target in wallets[start : start + AT_ONCE]]
            post(acting=acting, transfers=orders)
    raw_single_s, raw_s = _raw(SINGLE[size], len(wallets))
    ours, theirs = len(single) / sum(single), len(single) / raw_single_s
    ours_batched, raw_batched = len(wallets) / batched.seconds, len(wallets) / raw_s
    return [
        Figure(
            f"ledger: {len(single):,} idempotent transfers, one transaction each",
            ours,
            "transfers/s",
            "bare INSERTs, one transaction each",
            theirs,
            ours / theirs,
        ),
        Figure(
            f"ledger: {len(wallets):,} transfers in batches of {AT_ONCE:,}",
            ours_batched,
            "transfers/s",
            "one bare INSERT … SELECT",
            raw_batched,
            ours_batched / raw_batched,
        ),
        *hordak.compared(size, ours, ours_batched),
    ]


def _accounts(count: int) -> tuple[int, list[int]]:
    from dure.accounts.models import Party
    from dure.core.ids import new_id
    from rewards.ledger.accounts import open_accounts, source_key, wallet_key

    parties = [Party(id=new_id(), kind=Party.Kind.PERSON) for _ in range(count)]
    Party.objects.bulk_create(parties, batch_size=10_000)
    issuance = source_key("DURE")
    source = open_accounts(wanted=[issuance])[issuance]
    wallets: list[int] = []
    for start in range(0, count, AT_ONCE):
        wanted = [wallet_key(party.id, "DURE") for party in parties[start : start + AT_ONCE]]
        wallets += open_accounts(wanted=wanted).values()
    return source, wallets


def _raw(single: int, batch: int) -> tuple[float, float]:
    with connection.cursor() as cursor:
        cursor.execute(_SHAPE)

        def one(number: int) -> None:
            with transaction.atomic():
                cursor.execute(_RAW_TRANSFERS, [1])
                cursor.execute(
                    "INSERT INTO bench_entry SELECT a, %s, gen_random_uuid(), 0, 'DURE', 1, 1"
                    " FROM generate_series(-2, -1) a",
                    [number],
                )

        alone = sum(time_each(one, single))
        cursor.execute("TRUNCATE bench_transfer, bench_entry")
        with stopwatch() as together, transaction.atomic():
            cursor.execute(_RAW_TRANSFERS, [batch])
            cursor.execute(_RAW_ENTRIES)
    return alone, together.seconds
