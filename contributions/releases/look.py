"""What a data user sees of a release before taking it: first rows, quality, what was recalled."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db.models import Sum

from contributions.findings_text import sentence
from contributions.models import Release, ReleaseKind, ReleaseState
from contributions.releases.selectors import recalled, status
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


def quality_of(release: Release) -> Document:
    """`score`: mean quality of the released records (0 to 1); `rules`: what was checked, with the
    rows of the contributions in the release that each rule failed (they are set aside, or lose a
    stated part of their quality).
    """
    mass = release.members.aggregate(total=Sum("mass"))["total"] or 0
    rules: dict[tuple[str, str], Document] = {}
    checks = release.call_version.document["checks"]
    members = release.members.select_related("contribution").only("contribution__checks")
    for member in members.iterator():
        for place, result in enumerate(member.contribution.checks):
            known = rules.setdefault(
                (result["rule"], result["column"]),
                {
                    "rule": result["rule"],
                    "column": result["column"],
                    "severity": result["severity"],
                    "text": sentence(result["rule"], _limits(checks, place)),
                    "failing": 0,
                },
            )
            known["failing"] += result["failing"]
    return {
        "score": share_text(Fraction(mass, 1000 * release.records)) if release.records else None,
        "rules": list(rules.values()),
    }


def _limits(checks: Sequence[Document], place: int) -> dict[str, str | int]:
    kwargs = (checks[place].get("kwargs") or {}) if place < len(checks) else {}
    named = ("min_value", "max_value", "regex", "value", "column_B")
    limits: dict[str, str | int] = {name: str(kwargs[name]) for name in named if name in kwargs}
    if isinstance(kwargs.get("value_set"), list):
        limits["value_set"] = ", ".join(str(each) for each in kwargs["value_set"][:12])
    return limits


def recalled_rows(release: Release) -> int:
    """How many of its rows whoever holds the release has to delete."""
    return sum(len(rows) for rows in recalled(release).values_list("rows", flat=True))
