"""No money moves on a database that may forget what it has confirmed."""

from __future__ import annotations

from typing import Final

from django.db import connection

from rewards.problems import NOT_DURABLE

_SETTINGS: Final = """
SELECT name FROM unnest(ARRAY['fsync', 'full_page_writes', 'synchronous_commit']) AS s (name)
WHERE current_setting(name) = 'off'
"""


def settings_off() -> list[str]:
    """Names of the settings of durability that are off for this connection."""
    with connection.cursor() as cursor:
        cursor.execute(_SETTINGS)
        return [name for (name,) in cursor.fetchall()]


def require_durable() -> None:
    """Raise NOT_DURABLE (503) where a crash could lose or tear what was committed."""
    off = settings_off()
    if off:
        raise NOT_DURABLE.problem(detail=", ".join(off))
