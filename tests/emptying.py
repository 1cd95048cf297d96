"""Lets the test runner, and nobody else, empty append-only tables between tests.

A test with real commits is cleaned up with TRUNCATE, which the triggers of append-only tables
refuse even to the owner. Around that one statement they are switched off, as an owner could.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from django.db.backends.postgresql.operations import DatabaseOperations
from psycopg.errors import DeadlockDetected

TRIES, PAUSE_S = 8, 0.25

_TRIGGERS = """
SELECT format('ALTER TABLE %%I.%%I', nspname, relname), quote_ident(tgname),
       CASE tgenabled WHEN 'A' THEN 'ENABLE ALWAYS' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE' END
FROM pg_trigger
JOIN pg_class ON pg_class.oid = tgrelid
JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE NOT tgisinternal AND tgenabled <> 'D' AND nspname = current_schema()
"""


@contextmanager
def without_triggers() -> Iterator[None]:
    """Switches every trigger off and, afterwards, back to how it was."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(_TRIGGERS, [])
        triggers = cursor.fetchall()
        for table, trigger, _ in triggers:
            cursor.execute(f"{table} DISABLE TRIGGER {trigger}")
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table, trigger, enabled in triggers:
            cursor.execute(f"{table} {enabled} TRIGGER {trigger}")


def let_the_runner_empty_tables() -> None:
    """Wraps the statement with which Django cleans up after a test with real commits."""
    flush = DatabaseOperations.execute_sql_flush

    def execute_sql_flush(self: DatabaseOperations, sql_list: Iterable[str]) -> None:
        statements = list(sql_list)
        for left in reversed(range(TRIES)):
            try:
                with transaction.atomic(), without_triggers():
                    return flush(self, statements)
            except OperationalError as error:
                # Workers of a story go on working while the tables are emptied under them.
                if not left or not isinstance(error.__cause__, DeadlockDetected):
                    raise
                time.sleep(PAUSE_S)

    DatabaseOperations.execute_sql_flush = execute_sql_flush  # type: ignore[assignment,method-assign]
