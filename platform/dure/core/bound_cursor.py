"""A cursor whose parameters travel beside the statement, and whose statements are read once.

Django puts parameters into the text of each statement, which PostgreSQL then parses and plans
anew. The few statements that write the ledger and the log are the same each time: here they are
prepared after some uses in a session, and bytes travel as bytes. A pooler that changes the session
between transactions cannot keep what was prepared: there DURE_PREPARED_STATEMENTS is off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from select import select
from typing import Any, Final

import psycopg
from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper

from dure.core import columns

#: How often a statement is sent whole before it is prepared.
PREPARE_AFTER: Final = 5


def bound_cursor() -> CursorWrapper:
    """A cursor on the thread's connection, to be closed as Django's own are."""
    connection.ensure_connection()
    session: Any = connection.connection  # Any: psycopg's, of which Django says no type
    columns.adapt(session)
    session.prepare_threshold = PREPARE_AFTER if settings.PREPARED_STATEMENTS else None
    cursor: Any = psycopg.Cursor(session)  # Any: wrapped as Django's own are
    if connection.queries_logged:
        return connection.make_debug_cursor(cursor)
    return connection.make_cursor(cursor)


class Ahead:
    """Statements that are sent before the answers to earlier ones are in."""

    def __init__(self) -> None:
        self._sent: list[CursorWrapper] = []

    def send(self, statement: str, parameters: Sequence[Any]) -> None:
        """Have PostgreSQL carry out a statement; back when all of it is on its way.

        A large one waits for PostgreSQL to read it, which it does when it is done with the one
        before: so a batch of any size keeps one statement waiting and no more.
        """
        cursor = bound_cursor()
        cursor.execute(statement, parameters)
        self._sent.append(cursor)
        line: Any = connection.connection.pgconn  # Any: psycopg's, of which Django says no type
        while line.flush():
            # Who only writes would wait for a server that waits to be read.
            readable, _, _ = select([line.socket], [line.socket], [])
            if readable:
                line.consume_input()

    def answers(self) -> Iterator[list[Any]]:
        """The rows of each statement in their order; raises the error of the first that failed."""
        for cursor in self._sent:
            with cursor:
                yield cursor.fetchall()


@contextmanager
def ahead() -> Iterator[Ahead]:
    """Send several statements of one transaction without waiting for each.

    What fails makes PostgreSQL pass over all that was sent after it, and is raised by the next to
    send or by who reads the answers.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield Ahead()
