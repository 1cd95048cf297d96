"""Rewriting the files of tables, so that erased texts do not linger in the free space of pages.

A plain VACUUM makes the space of deleted rows usable again and leaves their bytes in it until
something is written over them (seen with PostgreSQL 15 and 16). VACUUM FULL writes the table and
its indexes anew, under a lock, and is therefore done once a night and never waited for. It copies
deleted rows too as long as some open transaction could still see them, so what it says of itself
is read: an erasure counts as written out of the files only when nothing of that kind was left.
"""

from __future__ import annotations

import logging
import re

from django.db import OperationalError, connection
from django.db.backends.utils import CursorWrapper
from psycopg.errors import Diagnostic

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
_LOCK_WAIT = "2s"
MAINTAIN_SINCE = 170000
_OTHERS_BEFORE_17 = """
SELECT relname FROM pg_class
WHERE relname = ANY(%s) AND relkind = 'r' AND relnamespace = current_schema()::regnamespace
  AND NOT pg_has_role(relowner, 'USAGE')
"""
_OTHERS = f"{_OTHERS_BEFORE_17} AND NOT has_table_privilege(oid, 'MAINTAIN')"


def rewrite_pages() -> list[str]:
    """Rewrites the tables if somebody was erased since that last succeeded; answers what is left.

    A table is left because it was busy, because an open transaction could still see what was
    deleted in it, or because the role may not (before PostgreSQL 17 only the owner may). To be
    called outside a transaction.
    """
    erased = list(
        Erasure.objects.filter(erased_at__isnull=False, pages_at=None).values_list("pk", flat=True)
    )
    if not erased:
        return []
    present = sorted(set(connection.introspection.table_names()).intersection(TABLES))
    forbidden = _forbidden(present)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [_LOCK_WAIT])
        try:
            left = [
                table
                for table in present
                if table not in forbidden and not _written_anew(cursor, table)
            ]
        finally:
            cursor.execute("RESET lock_timeout")
    if left:
        logger.warning("in use, to be rewritten another time: %s", ", ".join(left))
    if forbidden:
        # PostgreSQL passes over such a table with a warning, which nobody would read.
        logger.error("not this role's to rewrite: %s", ", ".join(sorted(forbidden)))
    if not left and not forbidden:
        Erasure.objects.filter(pk__in=erased).update(pages_at=clock.now())
    return sorted([*left, *forbidden])


def _written_anew(cursor: CursorWrapper, table: str) -> bool:
    """Whether the table was rewritten and no deleted row went along."""
    said: list[str] = []

    def hear(notice: Diagnostic) -> None:
        said.append(notice.message_detail or "")

    connection.connection.add_notice_handler(hear)
    try:
        cursor.execute(f"VACUUM (FULL, VERBOSE) {connection.ops.quote_name(table)}")
    except OperationalError:
        return False
    finally:
        connection.connection.remove_notice_handler(hear)
    # "3 dead row versions cannot be removed yet.": the number comes first in every language.
    counts = [found for text in said if (found := re.match(r"\d+", text))]
    return bool(counts) and all(int(found[0]) == 0 for found in counts)


def _forbidden(tables: list[str]) -> set[str]:
    """Those of the tables that the connected role may not rewrite."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        (version,) = cursor.fetchone() or ("0",)
        # The right to maintain a table came with PostgreSQL 17; before, it is not known by name.
        cursor.execute(_OTHERS if int(version) >= MAINTAIN_SINCE else _OTHERS_BEFORE_17, [tables])
        return {name for (name,) in cursor.fetchall()}
