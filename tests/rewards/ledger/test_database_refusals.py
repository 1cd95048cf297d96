"""What PostgreSQL refuses by itself, spoken to directly."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from dure.core.money import SUB_UNITS
from rewards.ledger.accounts import open_accounts, pool_key
from rewards.ledger.integrity import check_ledger
from rewards.ledger.services import hold, post
from tests import cast
from tests.rewards.money import CLERK, issuance, pay, transfer, wallet

pytestmark = pytest.mark.django_db


@contextmanager
def refused(words: str) -> Iterator[None]:
    with pytest.raises(DatabaseError, match=words), transaction.atomic():
        yield


def sql(statement: str, *values: int | str | UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def header(state: str = "posted") -> UUID:
    """A transfer without entries yet."""
    id_ = uuid4()
    sql(
        "INSERT INTO rewards_transfer (id, idem, req_hash, kind, state, reference, effective_at,"
        " posted_at, actor) VALUES (%s, %s, 'x', 'raw', %s, '', now(), now(), 'raw')",
        id_,
        uuid4(),
        state,
    )
    return id_


LEG = (
    "INSERT INTO rewards_entry (account_id, version, transfer_id, seq, asset, amount, after)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s)"
)


def test_a_transfer_that_does_not_sum_to_zero() -> None:
    mina, id_ = wallet(cast.mina(), 1), header()
    with refused("does not sum to zero"):
        sql(LEG, mina, 2, id_, 0, "DURE", 5, SUB_UNITS + 5)


def test_a_transfer_that_sums_to_zero_only_across_assets() -> None:
    mina, won, id_ = wallet(cast.mina(), 1), wallet(cast.mina(), 1, "KRW"), header()
    with refused("does not sum to zero"):
        sql(
            f"{LEG}, (%s, 2, %s, 1, 'KRW', -5, %s)",
            *(mina, 2, id_, 0, "DURE", 5, SUB_UNITS + 5),
            *(won, id_, SUB_UNITS - 5),
        )


def test_legs_that_come_later() -> None:
    mina, joon = wallet(cast.mina(), 5), wallet(cast.joon(), 5)
    id_ = pay(mina, joon, 1)
    with refused("do not come together"):
        sql(
            f"{LEG}, (%s, 3, %s, 3, 'DURE', -5, 0)",
            *(mina, 3, id_, 2, "DURE", 5, 0),
            *(joon, id_),
        )


def test_entries_of_a_transfer_that_only_holds() -> None:
    mina, joon = wallet(cast.mina(), 5), wallet(cast.joon(), 5)
    held = hold(acting=CLERK, order=transfer(mina, joon, 5)).transfer_id
    with refused("moves nothing"):
        sql(
            f"{LEG}, (%s, 2, %s, 1, 'DURE', -5, 0)",
            *(mina, 2, held, 0, "DURE", 5, 0),
            *(joon, held),
        )


def test_entries_that_do_not_lead_to_the_balance() -> None:
    mina, joon, id_ = wallet(cast.mina(), 5), wallet(cast.joon(), 5), header()
    with refused("does not lead to the balance"):
        sql(
            f"{LEG}, (%s, 2, %s, 1, 'DURE', -5, %s)",
            *(mina, 2, id_, 0, "DURE", 5, 5 * SUB_UNITS + 5),
            *(joon, id_, 5 * SUB_UNITS - 5),
        )


#: Legs and what the balances become, in one statement; each of them as its writer says.
MOVED = """
WITH entered AS (
    INSERT INTO rewards_entry (account_id, version, transfer_id, seq, asset, amount, after)
    SELECT l.account, l.version, %s, l.place - 1, 'DURE', l.amount, l.after
    FROM unnest(%s::bigint[], %s::int[], %s::bigint[], %s::bigint[])
        WITH ORDINALITY AS l (account, version, amount, after, place)
)
UPDATE rewards_balance b SET posted = m.posted, version = m.version
FROM unnest(%s::bigint[], %s::int[], %s::bigint[]) AS m (account, version, posted)
WHERE b.account_id = m.account
"""
#: What each of three holds, by one entry.
HELD = 100
#: Account, version, amount, after; and account, version, posted.
Legs = list[tuple[str, int, int, int]]
Balances = list[tuple[str, int, int]]


@pytest.mark.parametrize(
    ("legs", "balances", "words"),
    [
        (  # a version is left out, and the balance says so too
            [("mina", 3, -5, 95), ("joon", 2, 5, 105)],
            [("mina", 3, 95), ("joon", 2, 105)],
            "moved without an entry",
        ),
        (  # the balance stands before the last of its entries
            [("mina", 2, -2, 98), ("mina", 3, -3, 95), ("joon", 2, 5, 105)],
            [("mina", 2, 98), ("joon", 2, 105)],
            "does not lead to the balance",
        ),
        (  # ... or behind all that there are
            [("mina", 2, -5, 95), ("joon", 2, 5, 105)],
            [("mina", 3, 95), ("joon", 2, 105)],
            "does not lead to the balance",
        ),
        (  # between the first and the last entry something is missing
            [("mina", 2, -2, 98), ("mina", 3, -1, 96), ("mina", 4, -2, 95), ("joon", 2, 5, 105)],
            [("mina", 4, 95), ("joon", 2, 105)],
            "does not lead to the balance",
        ),
        (  # ... or a version
            [("mina", 2, -2, 98), ("mina", 4, -3, 95), ("joon", 2, 5, 105)],
            [("mina", 4, 95), ("joon", 2, 105)],
            "does not lead to the balance",
        ),
        (  # the entries begin elsewhere than the account stood
            [("mina", 2, -5, 995), ("joon", 2, 5, 105)],
            [("mina", 2, 995), ("joon", 2, 105)],
            "moved without an entry",
        ),
        (  # one of the accounts stays as it was
            [("mina", 2, -5, 95), ("joon", 2, 5, 105)],
            [("mina", 2, 95)],
            "does not lead to the balance",
        ),
        (  # somebody who is in no entry moves along
            [("mina", 2, -5, 95), ("joon", 2, 5, 105)],
            [("mina", 2, 95), ("joon", 2, 105), ("seo", 2, 105)],
            "moved without an entry",
        ),
    ],
)
def test_entries_that_begin_skip_or_end_wrongly(legs: Legs, balances: Balances, words: str) -> None:
    people = {"mina": cast.mina(), "joon": cast.joon(), "seo": cast.seo()}
    wallets = {name: wallet(person) for name, person in people.items()}
    source = issuance()
    post(acting=CLERK, transfers=[transfer(source, to, HELD) for to in wallets.values()])

    def move(legs: Legs, balances: Balances) -> None:
        moving = [(wallets[name], *rest) for name, *rest in legs]
        moved = [(wallets[name], *rest) for name, *rest in balances]
        columns = [list(column) for rows in (moving, moved) for column in zip(*rows, strict=True)]
        with connection.cursor() as cursor:
            cursor.execute(MOVED, [header(), *columns])

    with refused(words):
        move(legs, balances)
    move([("mina", 2, -5, 95), ("joon", 2, 5, 105)], [("mina", 2, 95), ("joon", 2, 105)])


def test_a_caller_who_counts_wrongly() -> None:
    mina, joon = wallet(cast.mina(), 5), wallet(cast.joon(), 5)
    id_ = header()
    with refused("does not lead to the balance"):
        sql(
            "SELECT rewards_move(ARRAY[%s]::uuid[], ARRAY[1, 1, 1], ARRAY[0, 1, 2],"
            " ARRAY[%s, %s, %s]::bigint[], ARRAY[-2, -3, 5]::bigint[], ARRAY[1, 2, 1],"
            " ARRAY[-2, -4, 5]::bigint[], ARRAY[%s, %s]::bigint[], ARRAY[2, 1],"
            " ARRAY[-5, 5]::bigint[])",
            *(id_, mina, mina, joon, mina, joon),
        )


def test_an_entry_of_nothing() -> None:
    mina, id_ = wallet(cast.mina(), 1), header()
    with refused("entry_moves_something"):
        sql(LEG, mina, 2, id_, 0, "DURE", 0, SUB_UNITS)


def test_an_entry_in_another_asset_than_its_account() -> None:
    mina, joon, id_ = wallet(cast.mina(), 1), wallet(cast.joon(), 1), header()
    with refused("does not keep this asset"):
        sql(
            f"{LEG}, (%s, 2, %s, 1, 'KRW', -5, 0)",
            *(mina, 2, id_, 0, "KRW", 5, SUB_UNITS + 5),
            *(joon, id_),
        )


def test_entries_of_a_transfer_that_nobody_wrote() -> None:
    mina, joon, id_ = wallet(cast.mina(), 1), wallet(cast.joon(), 1), uuid4()
    with refused("moves nothing"):
        sql(
            f"{LEG}, (%s, 2, %s, 1, 'DURE', -5, 0)",
            *(mina, 2, id_, 0, "DURE", 5, SUB_UNITS + 5),
            *(joon, id_),
        )


def test_a_reversal_of_a_transfer_that_does_not_exist() -> None:
    with refused("no transfer that it could follow"):
        sql(
            "INSERT INTO rewards_transfer (id, idem, req_hash, kind, state, reverses_id,"
            " reference, effective_at, posted_at, actor) VALUES (gen_random_uuid(),"
            " gen_random_uuid(), 'x', 'raw', 'posted', %s, '', now(), now(), 'raw')",
            uuid4(),
        )


@pytest.mark.parametrize("table", ["account", "transfer", "entry", "hold"])
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET {}"])
def test_changing_what_was_written(table: str, change: str) -> None:
    mina, joon = wallet(cast.mina(), 5), wallet(cast.joon(), 5)
    pay(mina, joon, 1)
    hold(acting=CLERK, order=transfer(mina, joon, 5))
    column = {"account": "scope = 'x'", "transfer": "kind = 'x'"}.get(table, "amount = 1")
    with refused("what was written stands"):
        sql(change.format(f"rewards_{table}", column))


@pytest.mark.parametrize(
    "table",
    ["account", "balance", "transfer", "entry", "hold", "epoch", "epochinput", "rewardline"],
)
def test_emptying_a_table(table: str) -> None:
    with refused("what was written stands"):
        sql(f"TRUNCATE rewards_{table} CASCADE")


def test_deleting_a_balance() -> None:
    wallet(cast.mina(), 5)
    with refused("what was written stands"):
        sql("DELETE FROM rewards_balance")


def test_a_balance_that_moves_without_an_entry() -> None:
    mina = wallet(cast.mina(), 5)
    with refused("moved without an entry"):
        sql("UPDATE rewards_balance SET posted = posted + 1 WHERE account_id = %s", mina)
    with refused("moved without an entry"):
        sql("UPDATE rewards_balance SET version = version + 1 WHERE account_id = %s", mina)


def test_a_balance_that_opens_with_something_in_it() -> None:
    sql(
        "INSERT INTO rewards_account (public_id, asset, kind, scope, floor, opened_at)"
        " VALUES (gen_random_uuid(), 'DURE', 'pool', 'raw', 0, now())"
    )
    with refused("opens with something"):
        sql(
            "INSERT INTO rewards_balance (account_id, asset, posted, pending_out, version, floor)"
            " SELECT id, asset, 5, 0, 0, 0 FROM rewards_account WHERE scope = 'raw'"
        )


def test_holding_more_than_there_is() -> None:
    mina = wallet(cast.mina(), 5)
    with refused("balance_above_floor"):
        sql(
            "UPDATE rewards_balance SET pending_out = posted + 1 WHERE account_id = %s",
            mina,
        )
    with refused("holds_not_negative"):
        sql("UPDATE rewards_balance SET pending_out = -1 WHERE account_id = %s", mina)


def test_a_floor_that_is_not_its_accounts() -> None:
    mina = wallet(cast.mina(), 5)
    with refused("balance_account_floor"):
        sql("UPDATE rewards_balance SET floor = -100 WHERE account_id = %s", mina)


def test_a_balance_in_another_asset_than_its_account() -> None:
    mina = wallet(cast.mina(), 5)
    with refused("balance_account_asset"):
        sql("UPDATE rewards_balance SET asset = 'KRW' WHERE account_id = %s", mina)


def test_a_balance_that_becomes_somebody_elses() -> None:
    mina = wallet(cast.mina(), 5)
    sql(
        "INSERT INTO rewards_account (public_id, asset, kind, scope, floor, opened_at)"
        " VALUES (gen_random_uuid(), 'DURE', 'pool', 'raw', 0, now())"
    )
    with refused("moved without an entry"):
        sql(
            "UPDATE rewards_balance SET account_id ="
            " (SELECT id FROM rewards_account WHERE scope = 'raw') WHERE account_id = %s",
            mina,
        )


def test_a_wallet_that_may_go_below_zero() -> None:
    with refused("only_sources_go_below_zero"):
        sql(
            "INSERT INTO rewards_account (public_id, asset, kind, scope, floor, opened_at)"
            " VALUES (gen_random_uuid(), 'DURE', 'pool', 'deep', -1, now())"
        )


def test_a_second_account_of_the_same_name() -> None:
    open_accounts(wanted=[pool_key("air-daily", "DURE")])
    with refused("account_is_unique"):
        sql(
            "INSERT INTO rewards_account (public_id, asset, kind, scope, floor, opened_at)"
            " VALUES (gen_random_uuid(), 'DURE', 'pool', 'air-daily', 0, now())"
        )


def test_a_hold_of_a_transfer_that_is_posted() -> None:
    mina, joon = wallet(cast.mina(), 5), wallet(cast.joon(), 5)
    id_ = pay(mina, joon, 1)
    with refused("holds nothing"):
        sql("INSERT INTO rewards_hold VALUES (%s, 'DURE', 5, %s, %s)", id_, mina, joon)


def test_a_second_reversal_and_a_second_resolution() -> None:
    mina, joon = wallet(cast.mina(), 5), wallet(cast.joon(), 5)
    id_ = pay(mina, joon, 1)
    again = (
        "INSERT INTO rewards_transfer (id, idem, req_hash, kind, state, {0}, reference,"
        " effective_at, posted_at, actor) VALUES (gen_random_uuid(), gen_random_uuid(), 'x', 'raw',"
        " %s, %s, '', now(), now(), 'raw')"
    )
    sql(again.format("reverses_id"), "posted", id_)
    with refused("reverses_id"):
        sql(again.format("reverses_id"), "posted", id_)
    held = hold(acting=CLERK, order=transfer(mina, joon, 5)).transfer_id
    sql(again.format("pending_id"), "void", held)
    with refused("pending_id"):
        sql(again.format("pending_id"), "post", held)
    with refused("transfer_is_what_it_says"):
        header("void")


def test_the_guards_stay_awake_for_a_replica() -> None:
    issuance()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
            " WHERE relname LIKE 'rewards%%' AND NOT tgisinternal AND tgenabled <> 'A'"
        )
        assert cursor.fetchall() == []


@pytest.mark.parametrize(
    "done",
    [
        "ALTER TABLE rewards_entry DISABLE TRIGGER USER",
        "ALTER TABLE rewards_transfer DISABLE TRIGGER ALL",
        "ALTER TABLE rewards_balance ENABLE TRIGGER USER",  # they sleep under a replica's role
        "DROP TRIGGER {0} ON rewards_entry",
    ],
)
def test_guards_that_an_owner_of_the_tables_puts_to_sleep_are_told(done: str) -> None:
    issuance()
    assert guards_that_sleep() == 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = 'rewards_entry'::regclass"
            " AND NOT tgisinternal AND tgtype & 32 <> 0"
        )
        row = cursor.fetchone()
    assert row is not None
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql(done.format(row[0]))
    assert guards_that_sleep() > 0
    assert check_ledger()["ok"] is False


def guards_that_sleep() -> int:
    findings = check_ledger()["findings"]
    assert isinstance(findings, dict)
    count = findings["guards_that_sleep"]
    assert isinstance(count, int)
    return count
