"""Transfers, one by one and in batches; beside a bare INSERT … SELECT and django-hordak."""

from __future__ import annotations

import uuid
from statistics import median

from django.db import connection, transaction

from tests.benchmarks import hordak
from tests.benchmarks.measure import Figure, Size, stopwatch, time_each

#: In each round.
SINGLE: dict[Size, int] = {"quick": 200, "normal": 500, "full": 1_000}
BATCH: dict[Size, int] = {"quick": 20_000, "normal": 60_000, "full": 400_000}
AT_ONCE = 20_000
ROUNDS = 3
PEER_BATCHES = 3

#: Ours, theirs, what, beside what, goal.
COMPARED = (
    ("single", "peer single", "idempotent transfers, one transaction each", hordak.PEER, "≥ 2×"),
    ("batch", "peer 100", f"batches of {AT_ONCE:,}", f"{hordak.PEER}, batches of 100", "≥ 40×"),
    ("1,000", "peer 1,000", "batches of 1,000", f"{hordak.PEER}, batches of 1,000", "≥ 40×"),
    ("single", "raw single", "the same single transfers", "bare INSERTs without any check", ""),
    ("batch", "raw batch", "the same batches", "one bare INSERT … SELECT without any check", ""),
)

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
    """Rounds of theirs and ours in turn, so that a busy moment of the machine meets both."""
    source, wallets = _accounts(BATCH[size])
    with hordak.peer() as peer:
        rounds = [_round(size, source, wallets, peer) for _ in range(ROUNDS)]
        return [*_figures(rounds), *_races(peer)]


def _round(
    size: Size, source: int, wallets: list[int], peer: hordak.Peer | None
) -> dict[str, float]:
    """Transfers a second by what was measured; what was not is absent."""
    from dure.accounts.acting import Actor
    from rewards.ledger.orders import TransferOrder
    from rewards.ledger.services import post

    acting = Actor.system("benchmark")

    def order(target: int) -> TransferOrder:
        return TransferOrder.between(
            key=uuid.uuid4(), kind="reward", source=source, target=target, amount=1_000
        )

    def batches(targets: list[int], at_once: int) -> float:
        with stopwatch() as elapsed:
            for start in range(0, len(targets), at_once):
                orders = [order(target) for target in targets[start : start + at_once]]
                post(acting=acting, transfers=orders)
        return len(targets) / elapsed.seconds

    single = SINGLE[size]
    found = {}
    if peer:
        found["peer single"] = single / peer.single(single)
    seconds = time_each(lambda n: post(acting=acting, transfers=[order(wallets[n])]), single)
    found["single"] = single / sum(seconds)
    found["raw single"], found["raw batch"] = _raw(single, len(wallets))
    if peer:
        found["peer 100"] = 100 * PEER_BATCHES / sum(peer.batch(100) for _ in range(PEER_BATCHES))
        found["peer 1,000"] = 1_000 / peer.batch(1_000)
    found["1,000"] = batches(wallets[:10_000], 1_000)
    found["batch"] = batches(wallets, AT_ONCE)
    return found


def _figures(rounds: list[dict[str, float]]) -> list[Figure]:
    """The middle of the rounds' figures, and the middle of their ratios."""
    figures = []
    for ours, theirs, what, beside, goal in COMPARED:
        if theirs in rounds[0]:
            ratio = median(found[ours] / found[theirs] for found in rounds)
            own, other = (median(found[name] for found in rounds) for name in (ours, theirs))
            figures.append(
                Figure(f"ledger: {what}", own, "transfers/s", beside, other, ratio, goal)
            )
    return figures


def _races(peer: hordak.Peer | None) -> list[Figure]:
    allowed, left = hordak.our_race()
    what = f"ledger: of {hordak.RACERS} at once who spend the same 100, allowed (left {left})"
    if peer is None:
        return [Figure(what, allowed, "", goal="1")]
    theirs, rest = peer.race()
    return [Figure(what, allowed, "", f"{hordak.PEER} (left {rest})", theirs, goal="1")]


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
    """Rows a second of bare tables with the same keys and indexes: one by one, and in one go."""
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
        cursor.execute("DROP TABLE bench_transfer, bench_entry")
    return single / alone, batch / together.seconds
