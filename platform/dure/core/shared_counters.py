"""Counters in the database, for limits that hold across processes and machines.

What is counted here is rare: attempts to sign in, codes already used. The table is unlogged, so
that a count costs no write-ahead log; after a crash of the database counting starts again.
"""

from __future__ import annotations

import base64
import pickle
from typing import Any

from django.core.cache.backends.db import DatabaseCache
from django.db import connections, router, transaction


class SharedCounters(DatabaseCache):
    """Django's own cache in the database, with an increment that loses no count."""

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Two increments at the same moment both count; when the entry ends stays as it was.

        Raises ValueError for an entry that is not there, as Django has it.
        """
        made = self.make_and_validate_key(key, version=version)
        database = router.db_for_write(self.cache_model_class)
        table = connections[database].ops.quote_name(self._table)  # type: ignore[attr-defined]  # Django's own
        with transaction.atomic(using=database), connections[database].cursor() as cursor:
            cursor.execute(
                f"SELECT value FROM {table}"  # noqa: S608 - the table is named in the settings
                " WHERE cache_key = %s AND expires > now() FOR UPDATE",
                [made],
            )
            row = cursor.fetchone()
            if row is None:
                raise ValueError(f"Key {key!r} not found")
            # Written by Django's own cache, in a table that nobody but this platform writes.
            count = int(pickle.loads(base64.b64decode(row[0]))) + delta  # noqa: S301
            value = base64.b64encode(pickle.dumps(count, self.pickle_protocol)).decode("latin1")
            cursor.execute(
                f"UPDATE {table} SET value = %s WHERE cache_key = %s",  # noqa: S608
                [value, made],
            )
        return count
