"""Whether every decision on consent still is what its entry in the log says it was."""

from __future__ import annotations

from django.db import connection

#: Which decision counts follows from the order of their entries: whoever points a decision at
#: another entry lets a withdrawal be overtaken by what it took back.
_OTHERWISE = """
    SELECT coalesce(min(place.index), 0), count(*) FROM governance_consentevent event
    LEFT JOIN governance_logentry entry ON entry.id = event.log_entry_id
    LEFT JOIN governance_logplace place ON place.origin_seq = entry.origin_seq
    WHERE entry.id IS NULL
        OR entry.kind <> 'consent.' || event.state
        OR entry.recorded_at <> event.decided_at
        OR position('"event":"' || event.id::text || '"' IN convert_from(entry.body, 'UTF8')) = 0
"""


def decided_otherwise() -> tuple[int, int]:
    """The first index (0 where none is known) and the number of decisions that the log denies."""
    with connection.cursor() as cursor:
        cursor.execute(_OTHERWISE)
        index, count = cursor.fetchone()
    return int(index), int(count)
