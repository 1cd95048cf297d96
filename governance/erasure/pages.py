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
    "accounts_apikey",
    "accounts_guardianinvitation",
    "accounts_invitation",
    "accounts_loggedrequest",
    "accounts_person",
    "contributions_contribution",
    "contributions_draft",
    "contributions_trainedmodel",
    "contributions_upload",
    "core_datakey",
    "core_idempotentanswer",
    "django_session",
    "mfa_authenticator",
)
#: An erasure is followed by this many nights of rewriting, in case a table was busy.
NIGHTS = timedelta(days=3)
_LOCK_WAIT = "2s"
MAINTAIN_SINCE = 170000
_OTHERS_BEFORE_17 = """
SELECT relname FROM pg_class
WHERE relname = ANY(%s) AND relkind = 'r' AND relnamespace = current_schema()::regnamespace
  AND NOT pg_has_role(relowner, 'USAGE')
"""
_OTHERS = f"{_OTHERS_BEFORE_17} AND NOT has_table_privilege(oid, 'MAINTAIN')"


def rewrite_pages() -> list[str]:
    """Rewrites the tables if somebody was erased lately; answers which were not rewritten.

    That is because they were busy, or because the role may not (before PostgreSQL 17 only the
    owner may). To be called outside a transaction.
    """
    if not Erasure.objects.filter(erased_at__gte=clock.now() - NIGHTS).exists():
        return []
    left = []
    present = sorted(set(connection.introspection.table_names()).intersection(TABLES))
    forbidden = _forbidden(present)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [_LOCK_WAIT])
        try:
            for table in present:
                try:
                    if table not in forbidden:
                        cursor.execute(f"VACUUM FULL {connection.ops.quote_name(table)}")
                except OperationalError:
                    left.append(table)
        finally:
            cursor.execute("RESET lock_timeout")
    if left:
        logger.warning("too busy to be rewritten: %s", ", ".join(left))
    if forbidden:
        # PostgreSQL passes over such a table with a warning, which nobody would read.
        logger.error("not this role's to rewrite: %s", ", ".join(sorted(forbidden)))
    return sorted([*left, *forbidden])


def _forbidden(tables: list[str]) -> set[str]:
    """Those of the tables that the connected role may not rewrite."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        (version,) = cursor.fetchone() or ("0",)
        # The right to maintain a table came with PostgreSQL 17; before, it is not known by name.
        cursor.execute(_OTHERS if int(version) >= MAINTAIN_SINCE else _OTHERS_BEFORE_17, [tables])
        return {name for (name,) in cursor.fetchall()}
