"""A dividend to every resident, beside a bare INSERT … SELECT; transfers of others meanwhile.

The bare statement fills one table of the same columns with the same shares, floored alike and in
the order of accounts, under a primary key and a unique (account, batch) index, in the same run.
Ours reserves, freezes, loads in chunks, hashes every share into a Merkle tree, checks and attaches.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import uuid
from typing import Final
from urllib.parse import quote

from django.db import connection

from tests.benchmarks.measure import Figure, Size, percentile, stopwatch, time_each

ACCOUNTS: Final[dict[Size, int]] = {"quick": 100_000, "normal": 1_000_000, "full": 9_300_000}
BESIDE_MOST: Final = 1_000_000
BEFORE_S: Final = 4.0
KIND: Final = "bench.dividend"
AMOUNT: Final = 5_000_000_000_000_000_000

# Ids in sequence, as those of people who registered one after another.
_SET_UP: Final = """
SET session_replication_role = replica;
INSERT INTO accounts_party (id, kind)
SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'person'
FROM generate_series(1, {n}) n;
INSERT INTO rewards_account (public_id, asset, kind, owner_id, scope, floor, opened_at)
SELECT ('00000000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid, 'KRW', 'wallet',
       ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, '', 0, now()
FROM generate_series(1, {n}) n;
INSERT INTO rewards_balance (account_id, asset, posted, pending_out, version, floor)
SELECT id, asset, 0, 0, 0, 0 FROM rewards_account WHERE kind = 'wallet' ORDER BY id;
RESET session_replication_role;
CREATE TABLE bench_weight AS
SELECT id AS account_id, 1 + (id * 7919) % 100003 AS weight FROM rewards_account
WHERE kind = 'wallet' ORDER BY hashint8(id);
VACUUM ANALYZE;
CHECKPOINT;
"""

_RAW: Final = """
CREATE TABLE bench_share (batch int, number int, account_id bigint NOT NULL,
    weight bigint NOT NULL, amount bigint NOT NULL, PRIMARY KEY (batch, number));
CREATE UNIQUE INDEX ON bench_share (account_id, batch);
SET work_mem = '128MB';
CHECKPOINT;
"""

_RAW_SHARES: Final = f"""
INSERT INTO bench_share
SELECT 1, row_number() OVER (ORDER BY account_id) - 1, account_id, weight,
       div({AMOUNT}::numeric * weight, (SELECT sum(weight) FROM bench_weight))::bigint
FROM bench_weight
"""


def run(size: Size) -> list[Figure]:
    from django.conf import settings

    from rewards.ledger.bulk import eligible

    settings.NUDGE = False  # there is no broker to wake
    if eligible.kinds.get(KIND) is None:
        statement = "SELECT account_id, weight FROM bench_weight WHERE account_id <= %(most)s"
        eligible.kinds.register(KIND, eligible.Eligible(statement))
    source = _set_up(ACCOUNTS[size])
    raw_s = _raw()
    return [
        *_whole(ACCOUNTS[size], source, raw_s),
        *_meanwhile(min(ACCOUNTS[size], BESIDE_MOST), source),
    ]


def _set_up(count: int) -> int:
    """Wallets and their weights; answers an account with won to share out."""
    from dure.accounts.acting import Actor
    from rewards.ledger.accounts import AccountKey, open_accounts, source_key
    from rewards.ledger.orders import TransferOrder
    from rewards.ledger.services import post

    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET maintenance_work_mem = '512MB'")
        for statement in _SET_UP.format(n=count).split(";"):
            if statement.strip():
                cursor.execute(statement)
    keys = [AccountKey("KRW", "dividend", None, "licence:bench"), source_key("KRW")]
    ids = open_accounts(wanted=keys)
    order = TransferOrder.between(
        key=uuid.uuid4(), kind="revenue", source=ids[keys[1]], target=ids[keys[0]], amount=AMOUNT
    )
    post(acting=Actor.system("benchmark"), transfers=[order])
    return ids[keys[0]]


def _raw() -> float:
    with connection.cursor() as cursor:
        for statement in _RAW.split(";"):
            if statement.strip():
                cursor.execute(statement)
        with stopwatch() as elapsed:
            cursor.execute(_RAW_SHARES)
        cursor.execute("DROP TABLE bench_share")
        cursor.execute("RESET work_mem")
        cursor.execute("CHECKPOINT")
    return elapsed.seconds


def _post(source: int, most: int) -> tuple[uuid.UUID, float]:
    """Order and run one batch; its id and the seconds until everybody could spend."""
    from dure.accounts.acting import Actor
    from rewards.ledger.bulk import job, steps

    acting = Actor.system("benchmark")
    with stopwatch() as elapsed:
        batch = steps.order(
            acting=acting,
            key=uuid.uuid4(),
            kind=KIND,
            basis={"most": str(most)},
            asset="KRW",
            source=source,
            amount=AMOUNT // 4,
            policy_sha256="0" * 64,
            reference="bench:dividend",
        )
        job.run(acting=acting, batch_id=batch.id)
    batch.refresh_from_db()
    if batch.state != "posted":
        raise RuntimeError(f"the batch is {batch.state}: {batch.reason}")
    return batch.id, elapsed.seconds


def _whole(count: int, source: int, raw_s: float) -> list[Figure]:
    from dure.accounts.acting import Actor
    from rewards.ledger import selectors
    from rewards.ledger.bulk import folding
    from rewards.ledger.bulk.selectors import share_proof
    from rewards.models import Account

    before = _wal()
    batch_id, seconds = _post(source, 1 << 40)
    wal = (_wal() - before) / count
    first = Account.objects.filter(kind="wallet").order_by("id").values_list("id", flat=True)[0]
    if not selectors.balance(first).spendable:
        raise RuntimeError("nothing arrived")
    places = [first + number * (count // 97) for number in range(97)]
    proofs = time_each(
        lambda number: share_proof(account_id=places[number], batch_id=batch_id), len(places)
    )
    # What the server does by itself some time after the first of them.
    folding.fold_slice(acting=Actor.system("benchmark"), batch_id=batch_id)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE rewards_entry, rewards_transfer, rewards_balance")
    connection.close()
    with stopwatch() as folded:
        folding.fold_slice(acting=Actor.system("benchmark"), batch_id=batch_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(name || ' ' || current_setting(name), ', ') FROM unnest("
            "ARRAY['shared_buffers', 'max_wal_size', 'fsync', 'full_page_writes']) AS s (name)"
        )
        (settings,) = cursor.fetchone() or ("",)
    return [
        Figure(
            f"dividend: {count:,} shares with their Merkle root ({settings})",
            count / seconds,
            "shares/s",
            "one bare INSERT … SELECT, same shape and indexes",
            count / raw_s,
            raw_s / seconds,
            "≥ 0.7",
        ),
        Figure(f"dividend: until all {count:,} can spend", seconds, "s", goal="9.3 M in 120 s"),
        Figure("dividend: write-ahead log for each share", wal, "bytes", goal="≤ 400"),
        Figure("dividend: proof of a share, p95", percentile(proofs, 0.95) * 1000, "ms"),
        Figure(
            "dividend: shares taken into balances in the background",
            folding.SLICE / folded.seconds,
            "shares/s",
        ),
    ]


def _meanwhile(count: int, source: int) -> list[Figure]:
    """Single transfers of a process of its own, before and while a dividend is posted."""
    place = connection.settings_dict
    address = f"postgresql://{place['USER']}@/{place['NAME']}?host={quote(str(place['HOST']))}"
    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.single_transfers", address],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdin is not None
    assert worker.stdout is not None
    try:
        worker.stdout.readline()  # it is ready
        time.sleep(BEFORE_S)
        start = time.time()
        _post(source, _nth_wallet(count))
        end = time.time()
        worker.stdin.close()
        times = json.loads(worker.stdout.readline())
    finally:
        worker.kill()
        worker.wait()
    alone = [seconds for moment, seconds in times if moment < start]
    beside = [seconds for moment, seconds in times if start <= moment <= end]
    theirs, ours = percentile(alone, 0.99) * 1000, percentile(beside, 0.99) * 1000
    return [
        Figure(
            f"dividend: p99 of {len(beside):,} single transfers while {count:,} are posted",
            ours,
            "ms",
            "the same before",
            theirs,
            theirs / ours,
            "≤ 5 × before",
        )
    ]


def _nth_wallet(count: int) -> int:
    from rewards.models import Account

    wallets = Account.objects.filter(kind="wallet").order_by("id").values_list("id", flat=True)
    return wallets[count - 1]


def _wal() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')")
        row = cursor.fetchone()
    return int(row[0]) if row else 0
