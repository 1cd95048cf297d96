"""What a data user sees of a release before taking it: first rows, quality, what was recalled."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db import connection
from django.db.models import Sum

from contributions.models import Release, ReleaseKind, ReleaseState
from contributions.releases.recalling import recalled, status
from contributions.selectors.calls import share_text
from dure.core.blobs import read_start

Document = dict[str, Any]  # Any: JSON
ROWS, BYTES = 8, 64 * 1024
CSV = "data.csv"


@dataclass(frozen=True)
class Preview:
    """The header and the first rows, as they stand in the CSV."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def preview(release: Release, rows: int = ROWS) -> Preview | None:
    """The first rows of an open release that can be had now; None of any other.

    The rows of a licensed release passed the gate for few readers only, not for everybody.
    """
    if release.kind != ReleaseKind.OPEN or status(release) != ReleaseState.PUBLISHED:
        return None
    file = release.files.select_related("blob").filter(name=CSV).first()
    if file is None:
        return None
    start = read_start(file.blob, BYTES)
    text = start.decode(errors="ignore")
    if len(start) == BYTES:
        # The last line may be cut in the middle.
        text = text[: text.rfind("\n") + 1]
    lines: Sequence[list[str]] = list(csv.reader(io.StringIO(text, newline="")))[: rows + 1]
    return Preview(tuple(lines[0]), tuple(tuple(line) for line in lines[1:])) if lines else None


#: Rows that each check failed, over the contributions in a release, in the order of the checks.
_FAILING = """
    SELECT found.place - 1, found.result ->> 'rule', found.result ->> 'column',
           found.result ->> 'severity', sum((found.result ->> 'failing')::bigint)
    FROM contributions_releasemember member
    JOIN contributions_contribution held ON held.id = member.contribution_id,
        jsonb_array_elements(held.checks) WITH ORDINALITY found(result, place)
    WHERE member.release_id = %s
    GROUP BY 1, 2, 3, 4
    ORDER BY 1
"""


def quality_of(release: Release) -> Document:
    """`score`: mean quality of the released records (0 to 1); `rules`: what was checked, with the
    rows of the contributions in the release that each rule failed (they are set aside, or lose a
    stated part of their quality), and as `check` the call's own words for it, None where the
    contributions were checked by another version.
    """
    mass = release.members.aggregate(total=Sum("mass"))["total"] or 0
    checks = release.call_version.document["checks"]
    with connection.cursor() as cursor:
        cursor.execute(_FAILING, [release.id])
        found = cursor.fetchall()
    rules: dict[tuple[str, str], Document] = {}
    for place, rule, column, severity, failing in found:
        known = rules.setdefault(
            (rule, column),
            {
                "rule": rule,
                "column": column,
                "severity": severity,
                "check": _check(checks, place, rule),
                "failing": 0,
            },
        )
        known["failing"] += int(failing)
    return {
        "score": share_text(Fraction(mass, 1000 * release.records)) if release.records else None,
        "rules": list(rules.values()),
    }


def _check(checks: Sequence[Document], place: int, rule: str) -> Document | None:
    check = checks[place] if place < len(checks) else None
    return check if check is not None and check["type"] == rule else None


def recalled_rows(release: Release) -> int:
    """How many of its rows whoever holds the release has to delete."""
    return sum(len(rows) for rows in recalled(release).values_list("rows", flat=True))
