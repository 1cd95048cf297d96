"""A cursor whose parameters travel beside the statement, and whose statements are read once.

Django puts parameters into the text of each statement, which PostgreSQL then parses and plans
anew. The few statements that write the ledger and the log are the same each time: here they are
prepared after some uses in a session, and bytes travel as bytes. A pooler that changes the session
between transactions cannot keep what was prepared: there DURE_PREPARED_STATEMENTS is off.
"""

from __future__ import annotations

from typing import Any, Final

import psycopg
from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper

#: How often a statement is sent whole before it is prepared.
PREPARE_AFTER: Final = 5


def bound_cursor() -> CursorWrapper:
    """A cursor on the thread's connection, to be closed as Django's own are."""
    connection.ensure_connection()
    session: Any = connection.connection  # Any: psycopg's, of which Django says no type
    session.prepare_threshold = PREPARE_AFTER if settings.PREPARED_STATEMENTS else None
    cursor: Any = psycopg.Cursor(session)  # Any: wrapped as Django's own are
    if connection.queries_logged:
        return connection.make_debug_cursor(cursor)
    return connection.make_cursor(cursor)
