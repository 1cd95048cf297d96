"""The few statements of the ledger and the log are read once in a session, unless that is off."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import DataError, connection, transaction

from dure.core.bound_cursor import PREPARE_AFTER, ahead, bound_cursor

pytestmark = pytest.mark.django_db(transaction=True)

QUESTION = "SELECT %s::text || ' is asked for the second time'"


def prepared() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s",
            ["%asked for the second time%"],
        )
        return bool(cursor.fetchone()[0])


def ask(times: int) -> None:
    for _ in range(times):
        with bound_cursor() as cursor:
            cursor.execute(QUESTION, ["it"])
            assert cursor.fetchall() == [("it is asked for the second time",)]


def test_a_statement_that_comes_again_is_prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    connection.close()
    monkeypatch.setattr(settings, "PREPARED_STATEMENTS", True)
    ask(1)
    assert not prepared()
    ask(PREPARE_AFTER)
    assert prepared()


def test_behind_a_pooler_nothing_is_prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    connection.close()
    monkeypatch.setattr(settings, "PREPARED_STATEMENTS", False)
    ask(2 * PREPARE_AFTER)
    assert not prepared()


def test_what_is_sent_ahead_is_answered_in_its_order() -> None:
    with ahead() as sending:
        for number in range(9):
            sending.send("SELECT %s::int", [number])
        assert list(sending.answers()) == [[(number,)] for number in range(9)]


def test_long_questions_and_long_answers_pass_each_other() -> None:
    """Who only wrote would wait for a server that waits to be read."""
    text = "x" * 3_000_000
    with ahead() as sending:
        for _ in range(4):
            sending.send("SELECT %s::text", [text])
        assert [len(answer) for ((answer,),) in sending.answers()] == [len(text)] * 4


WRITE = "INSERT INTO seen VALUES (%s) RETURNING number"


@transaction.atomic
def write_and_divide(by: int) -> None:
    with ahead() as sending:
        sending.send(WRITE, [1])
        sending.send("SELECT 1 / %s::int", [by])
        sending.send(WRITE, [2])
        list(sending.answers())


def test_what_follows_a_failure_is_passed_over_and_the_connection_goes_on() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE seen (number int) ON COMMIT DROP")
        with pytest.raises(DataError, match="division by zero"):
            write_and_divide(0)
        cursor.execute("SELECT number FROM seen")
        assert cursor.fetchall() == []
        write_and_divide(1)
        cursor.execute("SELECT number FROM seen")
        assert cursor.fetchall() == [(1,), (2,)]
