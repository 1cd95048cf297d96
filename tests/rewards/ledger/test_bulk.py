"""An amount shared among many at once: exact, provable, spendable, and never partly there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from dure.core.canonical import canonical_bytes
from dure.core.clock import now
from dure.core.money import SUB_UNITS
from dure.core.problems import Problem
from governance.log import merkle
from governance.models import LogEntry
from rewards import tasks
from rewards.ledger import export, selectors
from rewards.ledger.bulk import folding, job, steps, tree
from rewards.ledger.bulk.selectors import share_proof
from rewards.ledger.integrity import check_ledger
from rewards.ledger.services import hold, reverse
from rewards.ledger.statements import ZONE, balance_before, statement, trial_balance
from rewards.models import Balance, BulkBatch, BulkEntry, BulkFold, BulkState, Entry, Transfer
from rewards.valuation.community import split
from tests.rewards.ledger.bulk import ordered, people, purse, shared
from tests.rewards.money import CLERK, pay, transfer, units

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_ledger_adds_up_afterwards(db: None) -> Iterator[None]:
    yield
    found = check_ledger()
    assert found["ok"] is True, found["findings"]


@pytest.mark.parametrize("count", [1, 3, 4, 5, 16, 23])
def test_everybody_gets_the_floored_share_and_the_rest_stays(count: int) -> None:
    weights = {account: 1 + 7 * place % 11 for place, account in enumerate(people(count))}
    source = purse(1)
    batch = ordered(weights, 999_983, source)
    assert job.run(acting=CLERK, batch_id=batch.id)
    batch.refresh_from_db()
    whole = sum(weights.values())
    exact = split(999_983, {str(a): Fraction(w, whole) for a, w in weights.items()})
    assert {str(a): selectors.balance(a).spendable for a in weights} == exact.parts
    assert (batch.state, batch.total) == (BulkState.POSTED, 999_983 - exact.rest)
    assert selectors.balance(source).spendable == SUB_UNITS - sum(exact.parts.values())
    assert (batch.rows_done, batch.people) == (count, count)


def test_shares_are_exact_where_bigints_overflow() -> None:
    mina, joon = people(2)
    heavy = 3_000_000_000_000_000_001
    shared({mina: heavy, joon: 2 * heavy}, 9_000_000)
    assert (units(mina), units(joon)) == (3_000_000, 6_000_000)


@pytest.mark.parametrize(("count", "chunk_bits"), [(1, 2), (4, 2), (11, 2), (700, 9), (600, 18)])
def test_everybody_proves_the_own_line_and_no_other(count: int, chunk_bits: int) -> None:
    accounts = people(count)
    batch = shared(dict.fromkeys(accounts, 3), 12, chunk_bits=chunk_bits)
    for account in {accounts[0], accounts[count // 2], accounts[-1]}:
        shown = share_proof(account_id=account, batch_id=batch.id)
        assert shown is not None
        proof = [bytes.fromhex(node) for node in shown["proof"]]

        def holds(line: dict[str, str], shown=shown, proof=proof) -> bool:  # type: ignore[no-untyped-def]
            return merkle.verify_inclusion(
                index=shown["index"],
                size=shown["size"],
                leaf=merkle.leaf_hash(canonical_bytes({**line})),
                proof=proof,
                expected_root=bytes.fromhex(batch.root),
            )

        assert holds(shown["line"])
        assert not holds({**shown["line"], "amount": "1"})
    assert share_proof(account_id=purse(0), batch_id=batch.id) is None
    assert tree.recomputed_root(batch).hex() == batch.root
    assert batch.root in bytes(LogEntry.objects.get(kind="dividend.posted").body).decode()


def test_a_chunk_is_loaded_and_hashed_without_reading_the_others() -> None:
    source, weights = purse(1), dict.fromkeys(people(23), 3)
    batch = ordered(weights, SUB_UNITS, source)
    steps.freeze(acting=CLERK, batch_id=batch.id)
    batch.refresh_from_db()
    shares = f"rewards_bulkentry_{batch.number}"
    before = _rows_read_one_after_another(shares)
    for place in range(6):
        assert steps.load(batch_id=batch.id, place=place) == (4 if place < 5 else 3)
        tree.hash_chunk(batch, place)
    assert _rows_read_one_after_another(shares) == before
    steps.index(batch_id=batch.id)
    steps.seal(batch_id=batch.id)
    steps.publish(acting=CLERK, batch_id=batch.id)
    begun = _rows_read_one_after_another(shares)
    batch.refresh_from_db()
    assert len(tree.StoredTree(batch).proof(3)) == 5
    assert _rows_read_one_after_another(shares) == begun


def _rows_read_one_after_another(table: str) -> int:
    """Rows that readings of a whole table have met in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_get_xact_tuples_returned(%s::regclass)", [table])
        (rows,) = cursor.fetchone() or (0,)
    return int(rows)


def test_nothing_is_there_before_all_of_it_is() -> None:
    accounts = people(10)
    source = purse(10)
    batch = ordered(dict.fromkeys(accounts, 1), 10 * SUB_UNITS, source)
    steps.freeze(acting=CLERK, batch_id=batch.id)
    assert selectors.balance(source).spendable == 0
    for place in range(3):
        assert steps.load(batch_id=batch.id, place=place) in (2, 4)
        assert steps.load(batch_id=batch.id, place=place) == 0
        assert not BulkEntry.objects.exists()
        assert {units(account) for account in accounts} == {0}
    with pytest.raises(Problem, match="insufficient-balance"):
        pay(accounts[0], accounts[1], 1)
    job.run(acting=CLERK, batch_id=batch.id)
    assert {units(account) for account in accounts} == {1}


def test_who_is_eligible_later_changes_nothing() -> None:
    mina, joon, late = people(3)
    batch = ordered({mina: 1, joon: 1}, 6 * SUB_UNITS, purse(6))
    steps.freeze(acting=CLERK, batch_id=batch.id)
    refused = pytest.raises(DatabaseError, match="are frozen")
    with connection.cursor() as cursor, refused, transaction.atomic():
        values = f"({batch.number}, 2, {late}, 1, 1)"
        cursor.execute(f"INSERT INTO rewards_bulkentry_{batch.number} VALUES {values}")
    job.run(acting=CLERK, batch_id=batch.id)
    assert (units(mina), units(joon), units(late)) == (3, 3, 0)


def test_a_share_is_spent_by_taking_it_into_the_balance_once() -> None:
    mina, joon = people(2)
    shared({mina: 1}, 5)
    shared({mina: 1, joon: 1}, 8)
    assert Balance.objects.get(account_id=mina).posted == 0
    pay(mina, joon, 9)
    assert (units(mina), units(joon)) == (0, 13)
    assert [e.amount // SUB_UNITS for e in Entry.objects.filter(account_id=mina)] == [5, 4, -9]
    assert BulkFold.objects.count() == 2
    with pytest.raises(Problem, match="insufficient-balance"):
        pay(mina, joon, 1)
    held = hold(acting=CLERK, order=transfer(joon, mina, 13 * SUB_UNITS))
    assert held.created
    assert selectors.balance(joon).spendable == 0


def test_shares_are_taken_in_in_the_background_slice_by_slice() -> None:
    accounts = people(9)
    batch = shared(dict.fromkeys(accounts, 1), 9)
    pay(accounts[4], accounts[0], 1)
    assert [folding.fold_slice(acting=CLERK, batch_id=batch.id, size=4) for _ in range(4)] == [
        *(4, 4, 1),
        0,
    ]
    batch.refresh_from_db()
    assert batch.folded_at is not None
    assert units(batch.account_id) == 0
    assert [Balance.objects.get(account_id=a).posted // SUB_UNITS for a in accounts] == [
        *(2, 1, 1, 1, 0, 1, 1, 1),
        1,
    ]
    later = shared({accounts[4]: 1}, 3)
    assert (later.place, units(accounts[4])) == (2, 3)


def test_a_share_below_a_sub_unit_is_a_line_and_no_entry() -> None:
    mina, joon = people(2)
    batch = ordered({mina: 1, joon: 10**9}, 5, purse(1))
    job.run(acting=CLERK, batch_id=batch.id)
    folding.fold(acting=CLERK, accounts=[mina, joon])
    folding.fold_slice(acting=CLERK, batch_id=batch.id)
    assert not Entry.objects.filter(account_id=mina).exists()
    assert selectors.balance(joon).spendable == 4
    nothing = ordered({mina: 1, joon: 1}, 1, purse(1))
    job.run(acting=CLERK, batch_id=nothing.id)
    nothing.refresh_from_db()
    assert (nothing.state, nothing.total) == (BulkState.POSTED, 0)


def test_books_show_a_share_at_the_moment_of_its_posting() -> None:
    mina, joon = people(2)
    batch = shared({mina: 1, joon: 3}, 8)
    posted = batch.posted_at
    assert posted is not None
    before = trial_balance(now() + timedelta(seconds=1))
    pay(mina, joon, 1)  # takes the share in
    assert balance_before(mina, posted) == 0
    assert balance_before(mina, posted + timedelta(microseconds=1)) == 2 * SUB_UNITS
    month = statement(mina, f"{posted.astimezone(ZONE):%Y-%m}")
    assert [line.amount // SUB_UNITS for line in month.lines] == [2, -1]
    assert month.closing == SUB_UNITS
    folding.fold(acting=CLERK, accounts=[joon])
    wallets = [
        next(x.into for x in lines if x.kind == "wallet")
        for lines in (before, trial_balance(now() + timedelta(seconds=1)))
    ]
    assert wallets == [8 * SUB_UNITS, 9 * SUB_UNITS]
    exported = list(export.entries(posted - timedelta(days=1), now() + timedelta(days=1)))
    assert sum(1 for row in exported if row.account.startswith("Assets:Wallet")) == 4


def test_a_batch_that_the_source_cannot_pay_fails_and_says_why() -> None:
    (mina,) = people(1)
    batch = ordered({mina: 1}, 6 * SUB_UNITS, purse(5))
    assert job.run(acting=CLERK, batch_id=batch.id)
    batch.refresh_from_db()
    assert (batch.state, batch.reason) == (BulkState.FAILED, "insufficient-balance")
    assert not job.run(acting=CLERK, batch_id=batch.id)


def test_a_batch_for_nobody_fails_and_one_without_progress_is_given_up() -> None:
    source = purse(5)
    nobody = ordered({}, 5 * SUB_UNITS, source)
    job.run(acting=CLERK, batch_id=nobody.id)
    nobody.refresh_from_db()
    assert (nobody.state, nobody.reason) == (BulkState.FAILED, "nobody-is-eligible")
    stuck = ordered(dict.fromkeys(people(3), 1), 5 * SUB_UNITS, source)
    steps.freeze(acting=CLERK, batch_id=stuck.id)
    type(stuck).objects.filter(id=stuck.id).update(attempts=job.ATTEMPTS_MAX)
    assert job.run(acting=CLERK, batch_id=stuck.id)
    stuck.refresh_from_db()
    assert (stuck.state, stuck.reason) == (BulkState.FAILED, "no-progress")
    assert selectors.balance(source).spendable == 5 * SUB_UNITS


def test_an_order_is_one_batch_and_its_key_serves_no_other() -> None:
    mina, joon = people(2)
    source, key = purse(9), uuid4()
    first = ordered({mina: 1}, SUB_UNITS, source, key=key)
    assert ordered({mina: 1}, SUB_UNITS, source, key=key).number == first.number
    with pytest.raises(Problem, match="transfer-key-reused"):
        ordered({joon: 1}, SUB_UNITS, source, key=key)
    with pytest.raises(ValueError, match="moves something"):
        ordered({mina: 1}, 0, source)


def test_a_mistaken_share_is_reversed_by_name() -> None:
    mina, joon = people(2)
    batch = shared({mina: 1, joon: 1}, 4)
    folding.fold(acting=CLERK, accounts=[mina])
    taken = Transfer.objects.get(bulk_fold__batch=batch)
    reverse(acting=CLERK, transfer_id=taken.id, reason="wrong-person")
    assert (units(mina), units(joon)) == (0, 2)
    assert units(batch.account_id) == 4


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE rewards_bulkentry SET amount = amount + 1", "stands"),
        ("DELETE FROM rewards_bulkentry", "stands"),
        ("TRUNCATE rewards_bulkentry", "stands"),
        ("TRUNCATE rewards_bulkentry_{number}", "stands"),
        ("DELETE FROM rewards_bulkentry_{number}", "stands"),
        ("INSERT INTO rewards_bulkentry VALUES ({number}, 77, 1, 1, 1)", "whole batch"),
        ("INSERT INTO rewards_bulkentry_{number} VALUES ({number}, 77, 1, 1, 0)", "are frozen"),
        ("INSERT INTO rewards_bulkentry_{number} VALUES ({number}, -9, 1, 0, 0)", "not being load"),
        ("UPDATE rewards_bulkbatch SET amount = amount + 1", "stands"),
        ("UPDATE rewards_bulkbatch SET root = ''", "stands"),
        ("UPDATE rewards_bulkbatch SET state = 'failed', place = NULL, posted_at = NULL", "stands"),
        ("DELETE FROM rewards_bulkbatch", "kept"),
        ("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE rewards_bulkbatch CASCADE", "stands"),
        ("UPDATE rewards_bulkchunk SET loaded = false", "stands"),
        ("UPDATE rewards_bulkchunk SET tiles = ''", "stands"),
        ("UPDATE rewards_balance SET folded = 1", "take its shares in"),
        ("UPDATE rewards_balance SET folded = folded + 99", "take its shares in"),
    ],
)
def test_postgresql_refuses_to_change_a_posted_batch(change: str, words: str) -> None:
    batch = shared(dict.fromkeys(people(5), 1), 5)
    refused = pytest.raises(DatabaseError, match=words)
    with connection.cursor() as cursor, refused, transaction.atomic():
        cursor.execute(change.format(number=batch.number))


@pytest.mark.parametrize(
    ("amount", "weights"),
    [
        (10, [1, 1, 1]),
        (9_223_372_036_854_775_807, [1, 2, 3_000_000_000]),
        (9_223_372_036_854_775_807, [3_037_000_500, 3_037_000_500]),  # needs more than 64 bits
        (7, [4_000_000_000_000_000_000, 1]),
    ],
)
def test_shares_are_floored_exactly_whatever_they_take(amount: int, weights: list[int]) -> None:
    share = steps._share(amount, sum(weights), max(weights))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {share} FROM unnest(%s::bigint[]) AS w (weight)", [weights])
        found = [row[0] for row in cursor.fetchall()]
    assert found == [amount * weight // sum(weights) for weight in weights]


@pytest.mark.parametrize("more", [1, -1])
def test_postgresql_works_every_share_out_again(more: int, monkeypatch: pytest.MonkeyPatch) -> None:
    right = steps._share
    monkeypatch.setattr(steps, "_share", lambda *of: f"{right(*of)} + {more}")
    batch = ordered(dict.fromkeys(people(5), 2), 5 * SUB_UNITS, purse(5))
    steps.freeze(acting=CLERK, batch_id=batch.id)
    with pytest.raises(DatabaseError, match="not shared out as ordered"), transaction.atomic():
        steps.load(batch_id=batch.id, place=0)
    steps.give_up(acting=CLERK, batch_id=batch.id, reason="test")


def test_postgresql_seals_no_batch_that_gives_more_than_it_takes() -> None:
    batch = ordered(dict.fromkeys(people(5), 2), 5 * SUB_UNITS, purse(5))
    steps.freeze(acting=CLERK, batch_id=batch.id)
    for place in range(2):
        steps.load(batch_id=batch.id, place=place)
    with connection.cursor() as cursor:
        values = f"({batch.number}, -99, {batch.account_id}, 0, -1)"
        cursor.execute(f"INSERT INTO rewards_bulkentry_{batch.number} VALUES {values}")
    steps.index(batch_id=batch.id)
    with pytest.raises(DatabaseError, match="is not what was frozen"), transaction.atomic():
        steps.seal(batch_id=batch.id)
    steps.give_up(acting=CLERK, batch_id=batch.id, reason="test")


def test_postgresql_posts_no_batch_that_is_not_paid() -> None:
    batch = ordered(dict.fromkeys(people(5), 1), SUB_UNITS, purse(1))
    steps.freeze(acting=CLERK, batch_id=batch.id)
    for place in range(2):
        steps.load(batch_id=batch.id, place=place)
    steps.index(batch_id=batch.id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT rewards_bulk_seal(%s, 'x')", [batch.id])
        with pytest.raises(DatabaseError, match="is not paid"), transaction.atomic():
            cursor.execute("SELECT rewards_bulk_attach(%s, now())", [batch.id])
    steps.give_up(acting=CLERK, batch_id=batch.id, reason="test")


def test_the_command_carries_on_tells_and_verifies() -> None:
    batch = ordered(dict.fromkeys(people(6), 1), 6 * SUB_UNITS, purse(6))
    said = StringIO()
    call_command("bulk_posting", "--show", stdout=said)
    call_command("bulk_posting", stdout=said)
    call_command("bulk_posting", str(batch.id), "--verify", stdout=said)
    assert [line.split()[1] for line in said.getvalue().splitlines()] == [
        *("ordered", "posted", "posted"),
        BulkBatch.objects.get().root,
    ]
    assert "loaded 6/6" in said.getvalue()
    with pytest.raises(CommandError, match="no such"):
        call_command("bulk_posting", str(uuid4()), "--show")


def test_the_clock_carries_on_what_waits_and_takes_shares_in() -> None:
    accounts = people(6)
    batch = ordered(dict.fromkeys(accounts, 1), 6 * SUB_UNITS, purse(6))
    tasks.sweep_bulk()
    tasks.post_bulk(str(batch.id))
    batch.refresh_from_db()
    assert (batch.state, batch.rows_folded) == (BulkState.POSTED, 6)
    assert {Balance.objects.get(account_id=a).posted for a in accounts} == {SUB_UNITS}
