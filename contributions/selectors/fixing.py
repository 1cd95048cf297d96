"""The rows of a returned contribution that can be corrected on its page."""

from __future__ import annotations

from dataclasses import dataclass

from contributions.models import Contribution, Finding, Stage, State
from contributions.pipeline.tables import ROW
from contributions.selectors.contributions import finding_document
from contributions.selectors.corrections import set_aside
from dure.core.clock import now

ROWS_MAX = 50
#: A form holds no more fields than this, so that wide tables show fewer rows at once.
CELLS_MAX = 400


@dataclass(frozen=True)
class Cell:
    """A cell as it passed the privacy gate; `kept_back` where the gate had something to change."""

    column: str
    text: str
    kept_back: bool
    wrong: bool


@dataclass(frozen=True)
class RowToFix:
    """A row that was set aside, with why; `number` is its 1-based place in the file."""

    number: int
    cells: list[Cell]
    reasons: list[str]


def rows_to_fix(contribution: Contribution) -> list[RowToFix]:
    """Up to 50 rows that were set aside, in the order of the file; empty where none can be."""
    until = contribution.correctable_until
    if contribution.state != State.RETURNED or until is None or until <= now():
        return []
    names = [field["name"] for field in contribution.call_version.document["schema"]["fields"]]
    limit = min(ROWS_MAX, max(1, CELLS_MAX // max(1, len(names))))
    reasons: dict[int, list[str]] = {}
    wrong: set[tuple[int, str]] = set()
    private: set[tuple[int, str]] = set()
    unread: set[int] = set()
    for finding in Finding.objects.filter(contribution=contribution).order_by("id"):
        place = (finding.row, finding.column)
        if finding.stage == Stage.PRIVACY:
            private.add(place)
            continue
        wrong.add(place)
        if finding.row and finding.stage == Stage.DECODE:
            unread.add(finding.row)
        said = finding_document(finding)
        text = f"{said['column']}: {said['message']}" if said["column"] else said["message"]
        reasons.setdefault(finding.row, []).append(text)
    found: dict[int, dict[str, str | None]] = {number: {} for number in unread}
    table = set_aside(contribution, names)
    for row in table.slice(0, limit).to_pylist():
        found[row.pop(ROW)] = row
    return [
        RowToFix(
            number,
            [
                Cell(
                    name,
                    found[number].get(name) or "",
                    (number, name) in private or (0, name) in private,
                    (number, name) in wrong,
                )
                for name in names
            ],
            reasons.get(number, []),
        )
        for number in sorted(found)[:limit]
    ]
