"""The role that processes connect as: it runs the city and cannot rewrite its history."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import DatabaseError, OperationalError, connection, connections, transaction

from governance.erasure.pages import MAINTAIN_SINCE, TABLES, rewrite_pages
from governance.erasure.services import erase
from governance.log.services import sequence
from governance.models import Erasure
from rewards.ledger.bulk import folding
from rewards.ledger.integrity import check_ledger
from rewards.ledger.roles import ROLE, grant
from rewards.models import BulkState
from tests import cast
from tests.governance.erasure.nights import left_in_the_end
from tests.rewards.ledger.bulk import people, shared
from tests.rewards.money import CLERK, pay, units, wallet

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("role"),  # it belongs to the server, not to a database
]


@contextmanager
def connected_as_the_application() -> Iterator[None]:
    """Every new connection of this process is the role's own, not one that could step back."""
    call_command("grant_app_role", "--login", stdout=StringIO())
    owner = connection.settings_dict["USER"]
    connections.close_all()
    connection.settings_dict["USER"] = ROLE
    try:
        try:
            connection.ensure_connection()
        except OperationalError:
            pytest.skip("this server asks the role for a password")
        yield
    finally:
        connections.close_all()
        connection.settings_dict["USER"] = owner


def test_the_application_posts_shares_out_and_logs_end_to_end() -> None:
    mina, joon = wallet(cast.mina(), 5), wallet(cast.joon())
    accounts = people(9)
    with connected_as_the_application():
        with connection.cursor() as cursor:
            cursor.execute("SELECT session_user, current_user")
            assert cursor.fetchone() == (ROLE, ROLE)
        pay(mina, joon, 2)
        batch = shared(dict.fromkeys(accounts, 1), 18)
        assert batch.state == BulkState.POSTED
        pay(accounts[0], accounts[1], 1)
        folding.fold_some(acting=CLERK)
        assert sequence() > 0
        assert check_ledger()["ok"] is True
    assert [units(account) for account in accounts[:3]] == [1, 3, 2]


def test_the_application_is_refused_whatever_would_rewrite_history() -> None:
    wallet(cast.mina(), 5)
    batch = shared(dict.fromkeys(people(3), 1), 3)
    tables = ("transfer", "entry", "hold", "account", "closedperiod", "bulkfold", "bulkentry")
    guarded = [f"rewards_{table}" for table in tables]
    forbidden = [
        *(f"UPDATE {table} SET {column(table)} = {column(table)}" for table in guarded),
        *(f"DELETE FROM {table}" for table in (*guarded, "rewards_balance", "rewards_bulkbatch")),
        *(f"TRUNCATE {table} CASCADE" for table in (*guarded, "governance_logentry")),
        "DELETE FROM governance_logentry",
        "UPDATE governance_logcheckpoint SET size = 0",
        "UPDATE rewards_balance SET floor = -1",
        "UPDATE rewards_balance SET posted = posted + 1",
        "INSERT INTO rewards_entry (account_id) VALUES (1)",
        "INSERT INTO rewards_transfer (kind) VALUES ('reward')",
        "INSERT INTO rewards_hold (amount) VALUES (1)",
        "INSERT INTO rewards_bulkfold (batch_id) SELECT id FROM rewards_bulkbatch",
        "SELECT rewards_move(ARRAY[gen_random_uuid()], ARRAY[1], ARRAY[0], ARRAY[1::bigint],"
        " ARRAY[5::bigint], ARRAY[1], ARRAY[5::bigint], ARRAY[1::bigint], ARRAY[1],"
        " ARRAY[5::bigint])",
        "UPDATE rewards_bulkbatch SET state = 'failed'",
        f"INSERT INTO rewards_bulkentry_{batch.number} VALUES ({batch.number}, 9, 1, 1, 1)",
        f"DROP TABLE rewards_bulkentry_{batch.number}",
        f"ALTER TABLE rewards_bulkentry DETACH PARTITION rewards_bulkentry_{batch.number}",
        "ALTER TABLE rewards_entry DISABLE TRIGGER ALL",
        "DROP TRIGGER entries_balance ON rewards_entry",
        "SET session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION rewards_stands() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN RETURN NEW; END'",
        "SET ROLE dure",
    ]
    with connected_as_the_application(), connection.cursor() as cursor:
        for statement in forbidden:
            refusal = pytest.raises(DatabaseError, match=r"permission denied|must be owner")
            with refusal, transaction.atomic():
                cursor.execute(statement)


def column(table: str) -> str:
    """Any column of a table."""
    return {"rewards_closedperiod": "actor", "rewards_bulkfold": "batch_id"}.get(
        table, {"rewards_account": "scope", "rewards_transfer": "kind"}.get(table, "amount")
    )


def test_the_application_writes_pages_anew_after_an_erasure_or_says_that_it_cannot(
    settings: pytest.FixtureRequest, tmp_path: Path
) -> None:
    settings.TOMBSTONES = tmp_path / "tombstones.jsonl"  # type: ignore[attr-defined]
    erase(acting=cast.actor(cast.kang()), party_id=cast.mina().party_id)
    with connected_as_the_application(), connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        (version,) = cursor.fetchone() or ("0",)
        others = [] if int(version) >= MAINTAIN_SINCE else list(TABLES)
        assert left_in_the_end(others) == others
        cursor.execute("SELECT has_table_privilege('rewards_entry', 'UPDATE')")
        assert cursor.fetchone() == (False,)
    with connection.cursor() as cursor:
        cursor.execute(f"REVOKE ALL ON mfa_authenticator FROM {ROLE}")
        cursor.execute(f"GRANT SELECT ON mfa_authenticator TO {ROLE}")
        cursor.execute(f"SET ROLE {ROLE}")
        Erasure.objects.update(pages_at=None)
        try:
            assert "mfa_authenticator" in rewrite_pages()
        finally:
            cursor.execute("RESET ROLE")


def test_two_machines_that_are_set_up_at_once_both_end_well() -> None:
    held = threading.Event()

    def first() -> None:
        try:
            with transaction.atomic():
                grant(login=True)
                held.set()
                wait_for_a_second()
        finally:
            connection.close()

    machine = threading.Thread(target=first)
    machine.start()
    assert held.wait(60)
    assert grant(login=True)["rewards_entry"] == ""
    machine.join(60)
    assert not machine.is_alive()


def wait_for_a_second() -> None:
    """Until another session waits for this one; no longer than a minute."""
    with connection.cursor() as cursor:
        for _turn in range(600):
            cursor.execute(
                "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted"
                " AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
            )
            if cursor.fetchone() == (True,):
                return
            time.sleep(0.1)
    raise AssertionError("nobody came")
