"""Rewriting the files of tables, so that erased texts do not linger in the free space of pages.

A plain VACUUM makes the space of deleted rows usable again and leaves their bytes in it until
something is written over them (seen with PostgreSQL 15 and 16). VACUUM FULL writes the table and
its indexes anew, under a lock, and is therefore done once a night and never waited for.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import OperationalError, connection

from dure.core import clock
from governance.models import Erasure

logger = logging.getLogger(__name__)

#: Tables in which a text of a person stands unsealed; tests/stories looks into every other too.
TABLES = (
    "account_emailaddress",
    "accounts_person",
    "contributions_contribution",
    "contributions_draft",
    "core_datakey",
    "core_idempotentanswer",
    "django_session",
)
#: An erasure is followed by this many nights of rewriting, in case a table was busy.
NIGHTS = timedelta(days=3)
_LOCK_WAIT = "2s"


def rewrite_pages() -> list[str]:
    """Rewrites the tables if somebody was erased lately; answers which were too busy.

    To be called outside a transaction.
    """
    if not Erasure.objects.filter(erased_at__gte=clock.now() - NIGHTS).exists():
        return []
    busy = []
    present = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [_LOCK_WAIT])
        try:
            for table in sorted(present.intersection(TABLES)):
                try:
                    cursor.execute(f"VACUUM FULL {connection.ops.quote_name(table)}")
                except OperationalError:
                    busy.append(table)
        finally:
            cursor.execute("RESET lock_timeout")
    if busy:
        logger.warning("too busy to be rewritten: %s", ", ".join(busy))
    return busy
