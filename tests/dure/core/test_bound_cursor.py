"""The few statements of the ledger and the log are read once in a session, unless that is off."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import connection

from dure.core.bound_cursor import PREPARE_AFTER, bound_cursor

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
