"""The books: months, balances at a time, exports, and a role that cannot rewrite them."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from io import StringIO
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from dure.accounts.models import Person
from dure.core.clock import now
from dure.core.money import SUB_UNITS
from dure.core.problems import Problem
from rewards.ledger import export
from rewards.ledger.integrity import check_ledger
from rewards.ledger.orders import Leg, TransferOrder
from rewards.ledger.periods import changed_months, close_period
from rewards.ledger.services import expire_holds, hold, post, post_hold, reverse, void_hold
from rewards.ledger.statements import (
    BEGINNING,
    ZONE,
    added_up,
    balance_before,
    month_bounds,
    movements_by_month,
    statement,
    trial_balance,
)
from rewards.models import Balance, ClosedPeriod, Transfer
from tests import cast
from tests.rewards.money import CLERK, issuance, pay, transfer, units, wallet

pytestmark = pytest.mark.django_db

POSTING = r"^\s+((?:Assets|Equity)(?::[A-Z0-9][\w-]*)+)  (-?[\d.]+) DURE$"


def on(day: datetime, source: int, target: int, whole: int) -> Transfer:
    """A transfer that is effective on a day."""
    amount = whole * SUB_UNITS
    legs = (Leg(source, -amount), Leg(target, amount))
    order = TransferOrder(uuid4(), "test", legs, effective_at=day)
    return Transfer.objects.get(id=post(acting=CLERK, transfers=[order])[0].transfer_id)


def day(month: int, number: int) -> datetime:
    return datetime(2026, month, number, 12, tzinfo=ZONE)


def operator() -> Person:
    return cast.kang()


def test_a_hold_is_posted_in_part_and_the_rest_is_free_again() -> None:
    mina, joon = wallet(cast.mina(), 10), wallet(cast.joon())
    held = hold(acting=CLERK, order=transfer(mina, joon, 8 * SUB_UNITS)).transfer_id
    post_hold(acting=CLERK, hold_id=held, amount=3 * SUB_UNITS)
    assert (units(mina), units(joon)) == (7, 3)
    assert Balance.objects.get(account_id=mina).pending_out == 0
    with pytest.raises(Problem, match="hold-already-resolved"):
        post_hold(acting=CLERK, hold_id=held)
    assert check_ledger()["ok"] is True


@pytest.mark.parametrize("amount", [0, -1, 9 * SUB_UNITS])
def test_no_other_part_of_a_hold_is_posted(amount: int) -> None:
    mina, joon = wallet(cast.mina(), 10), wallet(cast.joon())
    held = hold(acting=CLERK, order=transfer(mina, joon, 8 * SUB_UNITS)).transfer_id
    with pytest.raises(ValueError, match="in whole or in part"):
        post_hold(acting=CLERK, hold_id=held, amount=amount)
    assert Balance.objects.get(account_id=mina).pending_out == 8 * SUB_UNITS


def test_only_a_hold_whose_time_is_over_ends_by_itself() -> None:
    mina, joon = wallet(cast.mina(), 10), wallet(cast.joon())
    past, future = now() - timedelta(seconds=1), now() + timedelta(hours=1)
    for expires_at in (past, future, None):
        hold(acting=CLERK, order=transfer(mina, joon, SUB_UNITS), expires_at=expires_at)
    done = hold(acting=CLERK, order=transfer(mina, joon, SUB_UNITS), expires_at=past).transfer_id
    void_hold(acting=CLERK, hold_id=done)
    assert (expire_holds(acting=CLERK), expire_holds(acting=CLERK)) == (1, 0)
    assert Balance.objects.get(account_id=mina).pending_out == 2 * SUB_UNITS


def test_a_month_has_an_opening_its_lines_and_a_closing_balance() -> None:
    source, mina = issuance(), wallet(cast.mina())
    on(day(8, 31), source, mina, 5)
    on(day(9, 20), mina, source, 1)
    on(day(9, 1), source, mina, 7)  # posted later, effective earlier
    on(day(10, 1), source, mina, 100)
    september = statement(mina, "2026-09")
    assert september.opening == 5 * SUB_UNITS
    assert [(line.amount // SUB_UNITS, line.balance // SUB_UNITS) for line in september.lines] == [
        (7, 12),
        (-1, 11),
    ]
    assert september.closing == balance_before(mina, day(9, 30)) == 11 * SUB_UNITS
    empty = statement(mina, "2026-11")
    assert (empty.opening, empty.lines, empty.closing) == (111 * SUB_UNITS, (), 111 * SUB_UNITS)


def test_a_month_begins_at_midnight_of_the_city() -> None:
    start, end = month_bounds("2026-12")
    assert start.isoformat() == "2026-12-01T00:00:00+09:00"
    assert end.isoformat() == "2027-01-01T00:00:00+09:00"
    with pytest.raises(ValueError, match="does not match"):
        month_bounds("december")


def test_each_asset_of_a_trial_balance_sums_to_zero() -> None:
    wallet(cast.mina(), 5)
    won, mina = wallet(cast.joon(), 7, "KRW"), wallet(cast.joon())
    pay(won, wallet(cast.mina(), 0, "KRW"), 2)
    assert units(mina) == 0
    lines = trial_balance(now() + timedelta(seconds=1))
    totals: dict[str, int] = defaultdict(int)
    for line in lines:
        totals[line.asset] += line.balance
    assert totals == {"DURE": 0, "KRW": 0}
    people = next(line for line in lines if (line.asset, line.kind) == ("KRW", "wallet"))
    assert (people.out, people.into) == (-2 * SUB_UNITS, 9 * SUB_UNITS)


def past_the_services(moment: datetime) -> None:
    """A transfer that somebody writes into the table by hand."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO rewards_transfer (id, idem, req_hash, kind, state, reference,"
            " effective_at, posted_at, actor) VALUES (gen_random_uuid(), gen_random_uuid(), 'x',"
            " 'raw', 'posted', '', %s, now(), 'raw')",
            [moment],
        )


def test_postgresql_takes_nothing_into_a_closed_month() -> None:
    source, mina = issuance(), wallet(cast.mina())
    mistake = on(day(9, 20), source, mina, 5)
    closed = close_period(acting=cast.actor(operator()), month="2026-09")
    assert close_period(acting=cast.actor(operator()), month="2026-09") == closed
    for late in (day(9, 30), day(7, 1)):
        with pytest.raises(Problem, match="period-closed"):
            on(late, source, mina, 5)
    with pytest.raises(DatabaseError, match="books are closed"), transaction.atomic():
        past_the_services(day(9, 30))
    on(day(10, 1), source, mina, 2)
    reverse(acting=CLERK, transfer_id=mistake.id, reason="typo")  # in the month of today
    assert balance_before(mina, day(9, 30)) == 5 * SUB_UNITS
    assert units(mina) == 2
    with pytest.raises(DatabaseError, match="is refused"), transaction.atomic():
        ClosedPeriod.objects.all().delete()


def test_who_pays_while_the_month_is_closed_is_told_and_may_go_on() -> None:
    source, mina = issuance(), wallet(cast.mina())
    soon = now() + timedelta(minutes=1)
    ClosedPeriod.objects.create(month="2026-09", ends_at=soon, closed_at=soon, actor="raw")
    with pytest.raises(Problem, match="period-closed"):
        pay(source, mina, 5)
    assert units(mina) == 0


def test_a_month_that_runs_or_lies_before_a_closed_one_is_not_closed_and_strangers_close_none() -> (
    None
):
    kang = cast.actor(operator())
    close_period(acting=kang, month="2026-09")
    for month in (f"{now():%Y-%m}", "2026-08", "2999-01", "soon"):
        with pytest.raises(Problem, match="period-not-closable"):
            close_period(acting=kang, month=month)
    with pytest.raises(Problem, match="not-allowed"):
        close_period(acting=cast.actor(cast.charlie()), month="2026-10")


def test_exports_hold_every_entry_and_no_name() -> None:
    mina, joon = wallet(cast.mina(), 10), wallet(cast.joon())
    pay(mina, joon, 3)
    around = now() - timedelta(days=1), now() + timedelta(days=1)

    def text(form: str, start: datetime = around[0]) -> str:
        return "".join(export.FORMATS[form](export.exported(start, around[1])))

    rows = list(csv.DictReader(StringIO(text("csv"))))
    assert [row["amount"] for row in rows] == ["-10", "10", "-3", "3"]
    assert {row["asset"] for row in rows} == {"DURE"}
    for form in ("beancount", "hledger"):
        postings = re.findall(POSTING, text(form), re.M)
        assert len(postings) == 4
        held: dict[str, Decimal] = defaultdict(Decimal)
        for account, amount in postings:
            held[account] += Decimal(amount)
        assert sorted(held.values()) == [-10, 3, 7]
        assert "Mina" not in text(form)
    opened = re.findall(r"^\d{4}-\d\d-\d\d open (\S+)$", text("beancount"), re.M)
    assert sorted(opened) == sorted({row["account"] for row in rows})
    assert text("beancount", around[1]) == ""
    assert sorted(re.findall(r"^account (\S+)$", text("hledger"), re.M)) == sorted(opened)


@pytest.mark.parametrize("form", sorted(export.FORMATS))
def test_a_posting_to_a_whole_city_is_written_while_it_is_read(form: str) -> None:
    read = 0

    def legs() -> Iterator[export.ExportedEntry]:
        nonlocal read
        for read in range(1, 100_001):
            yield export.ExportedEntry("one", read, now(), "bulk", "Assets:Wallet:A", "1", "KRW")

    books = export.Exported([export.ExportedAccount("Assets:Wallet:A", "2026-11-01")], legs())
    parts = export.FORMATS[form](books)
    sizes = [len(next(parts)) for _ in range(3)]
    assert read < 10_000
    assert max([*sizes, *map(len, parts)]) < 2 * export.PART_SIZE
    assert read == 100_000


@pytest.fixture
def as_application() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = 'dure_app'")
        assert cursor.fetchone(), "this server lets the tests make roles"


@pytest.mark.usefixtures("as_application")
@pytest.mark.parametrize(
    "statement_",
    [
        "UPDATE rewards_entry SET amount = 1",
        "DELETE FROM rewards_entry",
        "TRUNCATE rewards_entry",
        "DELETE FROM rewards_transfer",
        "UPDATE rewards_transfer SET kind = 'x'",
        "DELETE FROM rewards_balance",
        "UPDATE rewards_balance SET floor = -1",
        "UPDATE rewards_account SET floor = -1",
        "DELETE FROM rewards_closedperiod",
        "ALTER TABLE rewards_entry DISABLE TRIGGER ALL",
        "DROP TRIGGER entries_balance ON rewards_entry",
        "SET session_replication_role = replica",
    ],
)
def test_the_role_of_the_application_cannot_rewrite_history(statement_: str) -> None:
    wallet(cast.mina(), 5)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE dure_app")
        with pytest.raises(DatabaseError, match=r"permission denied|must be owner"):
            cursor.execute(statement_)
        transaction.set_rollback(True)


@pytest.mark.usefixtures("as_application")
def test_the_role_of_the_application_can_post() -> None:
    mina, joon = wallet(cast.mina(), 5), wallet(cast.joon())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE dure_app")
        pay(mina, joon, 2)
        cursor.execute("RESET ROLE")
    assert (units(mina), units(joon)) == (3, 2)


def test_a_trial_balance_on_top_of_a_closed_month_is_the_same_as_one_of_all_entries() -> None:
    source, mina, joon = issuance(), wallet(cast.mina()), wallet(cast.joon())
    on(day(8, 20), source, mina, 9)
    on(day(9, 2), mina, joon, 4)
    whole = trial_balance(day(11, 1))
    close_period(acting=cast.actor(operator()), month="2026-08")
    on(day(10, 2), joon, mina, 1)
    close_period(acting=cast.actor(operator()), month="2026-09")
    on_top = trial_balance(day(11, 1))
    anew = added_up(*movements_by_month(BEGINNING, day(11, 1)).values())
    assert on_top == anew
    assert on_top != whole
    assert changed_months() == []


def test_an_entry_slipped_into_a_closed_month_is_found() -> None:
    source, mina = issuance(), wallet(cast.mina())
    on(day(8, 20), source, mina, 9)
    late = on(day(10, 2), source, mina, 2)
    for month in ("2026-08", "2026-09"):
        close_period(acting=cast.actor(operator()), month=month)
    assert check_ledger()["ok"] is True
    with connection.cursor() as cursor:  # as a superuser would, past every trigger
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("ALTER TABLE rewards_transfer DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE rewards_transfer SET effective_at = %s WHERE id = %s", [day(9, 5), late.id]
        )
        cursor.execute("ALTER TABLE rewards_transfer ENABLE TRIGGER USER")
    assert changed_months() == ["2026-09"]
    found = check_ledger()
    assert found["ok"] is False
    assert found["findings"]["closed_months_that_changed"] == 1  # type: ignore[index, call-overload]
