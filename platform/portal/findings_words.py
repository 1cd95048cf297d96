"""What was found in a file, told once for all rows that share it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.formatting import number_text

#: Rows beyond these many ranges are counted, not named.
RANGES_SHOWN = 40


@dataclass(frozen=True)
class Remark:
    """`rows` as people write them ("3, 5–9, 12"), "" for the file as a whole; `more`: rows that
    are not named any more; `total`: all of them.
    """

    message: str
    column: str
    rows: str
    more: int
    total: int


def remarks(findings: Iterable[Mapping[str, Any]]) -> list[Remark]:  # Any: JSON of a finding
    """Findings gathered by what they say and where, in the order in which each came first."""
    gathered: dict[tuple[str, str], list[int]] = {}
    for finding in findings:
        place = (str(finding["message"]), str(finding["column"]))
        gathered.setdefault(place, []).append(int(finding["row"]))
    return [
        Remark(message, column, *_told(sorted({row for row in rows if row})))
        for (message, column), rows in gathered.items()
    ]


def _told(rows: Sequence[int]) -> tuple[str, int, int]:
    ranges: list[tuple[int, int]] = []
    for row in rows:
        if ranges and row == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], row)
        else:
            ranges.append((row, row))
    shown = ranges[:RANGES_SHOWN]
    named = sum(last - first + 1 for first, last in shown)
    text = ", ".join(
        number_text(first) if first == last else f"{number_text(first)}–{number_text(last)}"
        for first, last in shown
    )
    return text, len(rows) - named, len(rows)
