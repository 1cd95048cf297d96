"""The database itself refuses to have the log changed; so does Python, before it asks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from dure.accounts.acting import Actor
from governance.log import services
from governance.models import LogCheckpoint, LogEntry, LogWaiting
from governance.models.append_only import RecordIsImmutable
from tests.governance.conftest import Forger

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry() -> LogEntry:
    with transaction.atomic():
        recorded = services.record(
            kind="call.drafted", acting=Actor.system("tests"), subject=None, payload={}
        )
    services.sequence()
    return LogEntry.objects.get(id=recorded.id)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE governance_logentry SET kind = 'call.revised'",
        "UPDATE governance_logplace SET index = 5",
        "DELETE FROM governance_logplace",
        "TRUNCATE governance_logplace",
        "INSERT INTO governance_logplace (index, origin_seq) VALUES (1, 77)",
        "INSERT INTO governance_logwaiting (origin_seq, leaf_hash) VALUES (77, sha256('x'))",
        "TRUNCATE governance_logwaiting",
        "UPDATE governance_logentry SET recorded_at = now()",
        "UPDATE governance_logentry SET body = 'x', leaf_hash = sha256('\\x0078'::bytea)",
        "DELETE FROM governance_logentry",
        "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE governance_logentry CASCADE",
        "UPDATE governance_logtile SET hashes = sha256('x')",
        "UPDATE governance_logtile SET level = 1",
        "DELETE FROM governance_logtile",
        "TRUNCATE governance_logtile",
        "UPDATE governance_logcheckpoint SET size = 9",
        "DELETE FROM governance_logcheckpoint",
        "TRUNCATE governance_logcheckpoint",
    ],
)
def test_the_database_refuses(entry: LogEntry, statement: str) -> None:
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "SET LOCAL session_replication_role = 'replica'; DELETE FROM governance_logentry",
        "SET LOCAL session_replication_role = 'replica'; TRUNCATE governance_logcheckpoint",
    ],
)
def test_the_triggers_fire_for_a_replication_session_too(entry: LogEntry, statement: str) -> None:
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_an_entry_waits_from_its_birth_until_it_has_its_place(entry: LogEntry) -> None:
    assert not LogWaiting.objects.exists()
    with transaction.atomic():
        fresh = services.record(
            kind="call.drafted", acting=Actor.system("tests"), subject=None, payload={}
        )
    waiting = LogWaiting.objects.get()
    assert waiting.origin_seq == fresh.origin_seq
    assert bytes(waiting.leaf_hash) == bytes(fresh.leaf_hash)
    for statement in (
        "DELETE FROM governance_logwaiting",
        "UPDATE governance_logwaiting SET leaf_hash = sha256('x')",
        f"INSERT INTO governance_logplace (index, origin_seq) VALUES (2, {fresh.origin_seq})",
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            Forger.run_plainly(statement)
    services.sequence()
    assert LogEntry.objects.get(id=fresh.id).index == 1
    assert not LogWaiting.objects.exists()


def test_a_leaf_hash_that_is_not_the_hash_of_the_body_is_refused(entry: LogEntry) -> None:
    with pytest.raises(IntegrityError, match="log_entry_hash_of_body"), transaction.atomic():
        LogEntry.objects.create(
            origin_seq=999,
            kind=entry.kind,
            recorded_at=entry.recorded_at,
            body=b"another body",
            leaf_hash=bytes(entry.leaf_hash),
        )


def test_python_refuses_before_it_asks_the_database(entry: LogEntry) -> None:
    checkpoint = LogCheckpoint.objects.get()
    attempts: list[Callable[[], object]] = [
        entry.save,
        entry.delete,
        LogEntry.objects.all().delete,
        lambda: LogEntry.objects.update(kind="call.revised"),
        lambda: LogEntry.objects.bulk_update([entry], ["kind"]),
        checkpoint.save,
        checkpoint.delete,
    ]
    with CaptureQueriesContext(connection) as queries:
        for attempt in attempts:
            with pytest.raises(RecordIsImmutable):
                attempt()
    assert len(queries) == 0
