"""Sums over all contributions: read from what triggers keep, folded by a worker, and checked.

Each change of a sum is a row of its own, so that contributions that are accepted side by side wait
for nothing. ``fold`` makes one row out of many, and readers see the same sums before and after.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Sum

from contributions.models import RunningCount, RunningMass
from dure.core.canonical import Json

_FOLD_MASSES: Final = """
WITH gone AS (
    DELETE FROM contributions_runningmass WHERE (call_id, dimension, key) IN (
        SELECT call_id, dimension, key FROM contributions_runningmass
        GROUP BY call_id, dimension, key HAVING count(*) > 1
    ) RETURNING call_id, dimension, key, mass
)
INSERT INTO contributions_runningmass (call_id, dimension, key, mass)
SELECT call_id, dimension, key, sum(mass) FROM gone
GROUP BY call_id, dimension, key HAVING sum(mass) <> 0
"""

_FOLD_COUNTS: Final = """
WITH gone AS (
    DELETE FROM contributions_runningcount WHERE call_id IN (
        SELECT call_id FROM contributions_runningcount GROUP BY call_id HAVING count(*) > 1
    ) RETURNING call_id, contributions, records
)
INSERT INTO contributions_runningcount (call_id, contributions, records)
SELECT call_id, sum(contributions), sum(records) FROM gone
GROUP BY call_id HAVING sum(contributions) <> 0 OR sum(records) <> 0
"""

_OTHER_MASSES: Final = """
SELECT count(*) FROM (
    SELECT call_id, dimension, key, sum(mass) AS mass FROM contributions_runningmass
    GROUP BY call_id, dimension, key HAVING sum(mass) <> 0
) kept FULL JOIN (
    SELECT c.call_id, m.dimension, m.key, sum(m.mass) AS mass FROM contributions_stratummass m
    JOIN contributions_contribution c ON c.id = m.contribution_id
    WHERE c.state = 'accepted' AND c.excluded_at IS NULL
    GROUP BY c.call_id, m.dimension, m.key HAVING sum(m.mass) <> 0
) counted USING (call_id, dimension, key) WHERE kept.mass IS DISTINCT FROM counted.mass
"""

_OTHER_COUNTS: Final = """
SELECT count(*) FROM (
    SELECT call_id, sum(contributions) AS contributions, sum(records) AS records
    FROM contributions_runningcount GROUP BY call_id HAVING sum(contributions) <> 0
) kept FULL JOIN (
    SELECT call_id, count(*) AS contributions, sum(accepted) AS records
    FROM contributions_contribution WHERE state = 'accepted' AND NOT test GROUP BY call_id
) counted USING (call_id)
WHERE kept.contributions IS DISTINCT FROM counted.contributions
   OR kept.records IS DISTINCT FROM counted.records
"""


def masses(calls: Sequence[UUID]) -> dict[UUID, dict[str, dict[str, int]]]:
    """Mass of accepted, still usable contributions, by call, dimension and stratum."""
    found: dict[UUID, dict[str, dict[str, int]]] = {}
    rows = (
        RunningMass.objects.filter(call_id__in=calls)
        .order_by()
        .values_list("call_id", "dimension", "key")
        .annotate(total=Sum("mass"))
    )
    for call_id, dimension, key, total in rows:
        if total:
            found.setdefault(call_id, {}).setdefault(dimension, {})[key] = int(total)
    return found


def accepted() -> tuple[int, int]:
    """How many contributions were accepted, and records in them; tests left out."""
    sums = RunningCount.objects.aggregate(found=Sum("contributions"), records=Sum("records"))
    return int(sums["found"] or 0), int(sums["records"] or 0)


def fold() -> None:
    """Make one row out of many of a sum; at any moment, also twice at once."""
    with connection.cursor() as cursor:
        cursor.execute(_FOLD_MASSES)
        cursor.execute(_FOLD_COUNTS)


def totals_check() -> dict[str, Json]:
    """Whether every sum is what adding up all contributions gives; how many are not."""
    wrong = []
    with connection.cursor() as cursor:
        for statement in (_OTHER_MASSES, _OTHER_COUNTS):
            cursor.execute(statement)
            row = cursor.fetchone()
            wrong.append(int(row[0]) if row else 0)
    return {"ok": not any(wrong), "masses": wrong[0], "counts": wrong[1]}
