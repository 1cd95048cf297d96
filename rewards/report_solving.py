"""Whether a reader of all reports can compute a sum that has to be withheld. Pure.

What each settlement paid is an unknown, and what each reversal took back another one. Every sum
that a report shows is an equation over them: of a quarter, of a call, of one settlement, and of a
pool, where funded less left is what was paid since the call began and not taken back. By linear
algebra a sum can be computed exactly where it is a combination of those that are shown.

The equations have whole coefficients. They are solved modulo a prime, so that no number grows; a
combination over fractions is one there too, and only chance of some 10⁻¹⁸ makes one more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from governance.reports.dominance import Parts, is_sensitive, together
from governance.reports.periods import Edition, Period
from rewards.report_history import Row as Line
from rewards.report_history import rows_of, totals_shown

PRIME: Final = 2**61 - 1
#: How often each unknown counts in a sum.
Row = Mapping[UUID, int]


@dataclass(frozen=True, slots=True)
class Decision:
    """An approved settlement (``sign`` 1) or reversal (-1): whose amounts it moved, and when."""

    id: UUID
    call: str
    asset: str
    at: datetime
    parts: Parts
    sign: int = 1


class Solver:
    """Gauss: which sums are combinations of those that were added."""

    def __init__(self) -> None:
        self._reduced: dict[UUID, dict[UUID, int]] = {}

    def add(self, row: Row) -> None:
        """Another sum that is known."""
        rest = self._rest(row)
        if rest:
            pivot = min(rest)
            inverse = pow(rest[pivot], -1, PRIME)
            self._reduced[pivot] = {key: value * inverse % PRIME for key, value in rest.items()}

    def knows(self, row: Row) -> bool:
        """Whether this sum can be computed from the known ones."""
        return not self._rest(row)

    def _rest(self, row: Row) -> dict[UUID, int]:
        rest = {key: value % PRIME for key, value in row.items()}
        # Each row has its least unknown in front, so that one pass in order takes all of them out.
        waiting = sorted(rest)
        while waiting:
            pivot = waiting.pop(0)
            other = self._reduced.get(pivot)
            factor = rest.get(pivot, 0)
            if other is None or not factor:
                continue
            fresh = False
            for key, value in other.items():
                fresh = fresh or key not in rest
                rest[key] = (rest.get(key, 0) - factor * value) % PRIME
                if not rest[key]:
                    del rest[key]
            if fresh:
                waiting = sorted(key for key in rest if key > pivot)
        return rest


def can_be_solved(decisions: Sequence[Decision], editions: Sequence[Edition]) -> bool:
    """Whether the last of these editions makes a sensitive sum known that was not known before.

    ``editions`` are all that are published and the new one last; what they state they state of
    the approved decisions that there were by then.
    """
    if not editions:
        return False
    solver = Solver()
    *before, new = editions
    for edition in before:
        for row in _shown(decisions, edition):
            solver.add(row)
    wanted = [row for row in _sensitive(decisions, editions) if not solver.knows(row)]
    for row in _shown(decisions, new):
        solver.add(row)
    return any(solver.knows(row) for row in wanted)


def _ones(decisions: Iterable[Decision]) -> dict[UUID, int]:
    return {each.id: each.sign for each in decisions}


def _shown(decisions: Sequence[Decision], edition: Edition) -> Iterator[Row]:
    period = Period.of(edition.period)
    ever = [each for each in decisions if each.at < edition.computed_at]
    paid = [each for each in ever if each.sign > 0 and period.start <= each.at < period.end]
    for asset in totals_shown(edition):
        yield _ones(each for each in paid if each.asset == asset)
    for line in rows_of(edition.sections, "calls"):
        pool = (line["call"], line["asset"])
        if line.get("paid") is not None:
            yield _ones(each for each in paid if (each.call, each.asset) == pool)
        if line.get("left") is not None:
            yield _ones(each for each in ever if (each.call, each.asset) == pool)
    shown = {str(line["epoch"]) for line in _settlements(edition) if line.get("paid") is not None}
    for each in paid:
        if str(each.id) in shown:
            yield {each.id: 1}


def _settlements(edition: Edition) -> list[Line]:
    return rows_of(edition.sections, "epochs")


def _sensitive(decisions: Sequence[Decision], editions: Sequence[Edition]) -> Iterator[Row]:
    """Sums that must stay unknown: of one decision, and of a call between two neighbouring reports
    or quarters."""
    for each in decisions:
        if is_sensitive(each.parts):
            yield {each.id: 1}
    edges = {each.computed_at for each in editions}
    for edition in editions:
        period = Period.of(edition.period)
        edges |= {period.start, period.end}
    ends = sorted(edges)
    stretches: dict[tuple[str, str, int, int], list[Decision]] = {}
    for each in decisions:
        place = sum(1 for end in ends if end <= each.at)
        stretches.setdefault((each.call, each.asset, each.sign, place), []).append(each)
    for own in stretches.values():
        if len(own) > 1 and is_sensitive(together([each.parts for each in own])):
            yield {each.id: 1 for each in own}
    for edition in editions:
        yield from _withheld(decisions, edition)


def _withheld(decisions: Sequence[Decision], edition: Edition) -> Iterator[Row]:
    """Sums of calls and of totals that an edition withholds as sensitive."""
    period = Period.of(edition.period)
    groups: dict[tuple[str, ...], list[Decision]] = {}
    for each in decisions:
        if each.sign > 0 and each.at < edition.computed_at and period.start <= each.at < period.end:
            groups.setdefault((each.asset,), []).append(each)
            groups.setdefault((each.asset, each.call), []).append(each)
    for own in groups.values():
        if is_sensitive(together([each.parts for each in own])):
            yield _ones(own)
