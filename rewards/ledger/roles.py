"""The database role of the processes: it adds to the books and the log and never rewrites them.

Transfers, entries and balances it cannot even write: it may execute the functions that post them.
What a table lets the role do is read off the table's own guards: where an unconditional trigger
refuses UPDATE or DELETE, the role does not even have the right. It owns nothing, so it can switch
no trigger off; it never has TRUNCATE.
"""

from __future__ import annotations

from typing import Final

from django.db import connection, transaction

from governance.erasure.pages import MAINTAIN_SINCE
from governance.erasure.pages import TABLES as REWRITTEN

ROLE: Final = "dure_app"

#: Columns that move although their tables are guarded; triggers say how.
MOVING: Final[dict[str, str]] = {
    "rewards_bulkbatch": "rows_folded, folded_at, attempts, claimed_by, claimed_until",
    "rewards_bulkchunk": "tiles, root",
}
#: Queues whose rows leave when their work is done; a trigger refuses those whose work is not.
QUEUES: Final = frozenset({"governance_logwaiting"})
#: Tables that only functions of their owner fill, or that belong to migrations.
READ_ONLY: Final = frozenset(
    {
        *(f"rewards_{name}" for name in ("transfer", "entry", "hold")),
        *(f"rewards_bulk{name}" for name in ("entry", "chunk", "fold")),
        "django_migrations",
    }
)
#: Tables to whose rows only functions of their owner do something, once they are there.
OPENED: Final = frozenset({"rewards_balance"})

#: Functions that let a role do one thing of their owner's, as it was meant.
FUNCTIONS: Final = (
    "rewards_(post|post_one|hold_back|hold_many|resolve|fold"
    "|bulk_(open|freeze|load|index|seal|attach|discard))"
)

# Bits of tgtype: 8 delete, 16 update. A WHEN (tgqual) makes a refusal conditional.
_TABLES: Final = """
SELECT c.relname,
       coalesce(bool_or(t.tgtype & 16 <> 0 AND t.tgqual IS NULL
           AND p.proname IN ('rewards_stands', 'governance_refuse')), false) AS never_updated,
       coalesce(bool_or(t.tgtype & 8 <> 0 AND t.tgqual IS NULL
           AND p.proname ~ '^(rewards|governance)_'), false) AS never_deleted
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema()
LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal
LEFT JOIN pg_proc p ON p.oid = t.tgfoid
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND c.relname !~ '^rewards_bulkentry_[0-9]+$'
GROUP BY c.relname ORDER BY c.relname
"""

_FUNCTIONS: Final = """
SELECT p.oid::regprocedure::text FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace AND n.nspname = current_schema()
WHERE p.prosecdef AND p.proname ~ %s
"""


@transaction.atomic
def grant(*, login: bool = False) -> dict[str, str]:
    """Give the role what it needs and take everything else from it; rights by table.

    To be run by the owner of the tables, after every migration. ``login`` lets processes connect
    as the role; its password is set by whoever runs the server.
    """
    with connection.cursor() as cursor:
        # Two machines that are set up at once: PostgreSQL lets only one of them change a right.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('rewards.roles'))")
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE ROLE {ROLE} NOLOGIN")
        if login:
            cursor.execute(f"ALTER ROLE {ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE")
        cursor.execute("SELECT quote_ident(current_schema())")
        (schema,) = cursor.fetchone() or ("public",)
        cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {ROLE}")
        cursor.execute(f"GRANT USAGE ON SCHEMA {schema} TO {ROLE}")
        cursor.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {ROLE}")
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {ROLE}")
        cursor.execute(_TABLES)
        given = {row[0]: _rights(*row) for row in cursor.fetchall()}
        for table, rights in given.items():
            if rights:
                cursor.execute(f"GRANT {rights} ON {connection.ops.quote_name(table)} TO {ROLE}")
        cursor.execute("SHOW server_version_num")
        (version,) = cursor.fetchone() or ("0",)
        if int(version) >= MAINTAIN_SINCE:
            # After an erasure their files are written anew; before 17 only the owner may.
            for table in sorted(given.keys() & set(REWRITTEN)):
                cursor.execute(f"GRANT MAINTAIN ON {connection.ops.quote_name(table)} TO {ROLE}")
        cursor.execute(_FUNCTIONS, [f"^{FUNCTIONS}$"])
        for (function,) in cursor.fetchall():
            cursor.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {ROLE}")
    return given


def _rights(table: str, never_updated: bool, never_deleted: bool) -> str:
    rights = [] if table in READ_ONLY else ["INSERT"]
    if table in MOVING:
        rights.append(f"UPDATE ({MOVING[table]})")
    elif table not in READ_ONLY | OPENED:
        rights += [] if never_updated else ["UPDATE"]
        rights += [] if never_deleted and table not in QUEUES else ["DELETE"]
    return ", ".join(rights)
