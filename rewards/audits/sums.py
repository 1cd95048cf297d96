"""What an audit asks of the disclosure control of sums: a reader solves all published reports.

What each settlement paid is an unknown and every sum that a report shows an equation. They are
solved in exact fractions, and what is sensitive is judged by arithmetic of its own: written apart
from what withholds (``rewards.report_solving`` works modulo a prime).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from random import Random
from typing import Final
from uuid import UUID

from governance.audits.data import Absent, AuditData, Share, Trial
from governance.reports.compute import published_editions
from governance.reports.dominance import Parts, is_sensitive, withheld
from governance.reports.periods import Edition, Period
from rewards.report_history import Row as Line
from rewards.report_history import rows_of, totals_shown
from rewards.report_solving import Decision
from rewards.report_sums import decisions

#: Lines on what the newest reports withhold.
SHARES_MOST: Final = 80
TRIED: Final = 300
SEED: Final = "dure-audit-sums/1"
Row = dict[UUID, Fraction]


def disclosure_of_sums() -> AuditData:
    """What readers of all published reports can compute of what a few were paid."""
    editions = published_editions()
    made = decisions()
    return AuditData(
        shares=tuple(_withheld(editions))[-SHARES_MOST:],
        counterfactuals=tuple(swayed()),
        conservation=(shown_are_safe(made, editions), solved(made, editions), edges()),
        absent={
            "selection": Absent.NO_PERSONS,
            "measures": Absent.NO_TEST,
            "inequality": Absent.NO_REWARD,
            "reasons": Absent.ONE_REASON,
            "representation": Absent.NO_WEIGHING,
            "replay": Absent.NOT_KEPT,
            "drift": Absent.NO_SERIES,
            "appeals": Absent.NO_OBJECTION,
        },
    )


def tells(parts: Iterable[int]) -> bool:
    """The three rules of the register in fractions: fewer than five, above 85 %, within 10 %."""
    amounts = sorted((amount for amount in parts if amount), reverse=True)
    if not amounts:
        return False
    total = sum(amounts)
    others = total - sum(amounts[:2])
    return (
        len(amounts) < 5
        or Fraction(amounts[0], total) > Fraction(85, 100)
        or Fraction(others, amounts[0]) < Fraction(10, 100)
    )


class Reader:
    """Gauss over fractions: which sums follow from those that were read."""

    def __init__(self, known: Iterable[Row]) -> None:
        self._reduced: list[tuple[UUID, Row]] = []
        for row in known:
            rest = self._rest(row)
            if rest:
                pivot = min(rest)
                self._reduced.append((pivot, {k: v / rest[pivot] for k, v in rest.items()}))

    def knows(self, row: Row) -> bool:
        """Whether this sum can be computed."""
        return not self._rest(row)

    def _rest(self, row: Row) -> Row:
        rest = dict(row)
        for pivot, other in self._reduced:
            factor = rest.get(pivot, Fraction(0))
            if factor:
                for key, value in other.items():
                    rest[key] = rest.get(key, Fraction(0)) - factor * value
                rest = {key: value for key, value in rest.items() if value}
        return rest


def _paid(decisions: Sequence[Decision], edition: Edition) -> list[Decision]:
    period = Period.of(edition.period)
    return [
        each
        for each in decisions
        if each.sign > 0 and each.at < edition.computed_at and period.start <= each.at < period.end
    ]


def _row(decisions: Iterable[Decision]) -> Row:
    return {each.id: Fraction(each.sign) for each in decisions}


def _cells(
    decisions: Sequence[Decision], edition: Edition
) -> Iterator[tuple[list[Decision], bool]]:
    """Each sum of what was paid that an edition speaks of, and whether it shows it."""
    paid = _paid(decisions, edition)
    shown = totals_shown(edition)
    for asset in sorted({each.asset for each in paid}):
        yield [each for each in paid if each.asset == asset], asset in shown
    for line in rows_of(edition.sections, "calls"):
        own = [each for each in paid if (each.call, each.asset) == (line["call"], line["asset"])]
        yield own, line.get("paid") is not None
    lines: Mapping[str, Line] = {
        str(line["epoch"]): line for line in rows_of(edition.sections, "epochs")
    }
    for each in paid:
        if str(each.id) in lines:
            yield [each], lines[str(each.id)].get("paid") is not None


def _parts(decisions: Iterable[Decision]) -> dict[object, int]:
    sums: dict[object, int] = defaultdict(int)
    for each in decisions:
        for who, amount in each.parts.items():
            sums[who] += amount
    return sums


def shown_are_safe(decisions: Sequence[Decision], editions: Sequence[Edition]) -> Trial:
    """No sum that is shown tells one of those who share it what another was paid."""
    tried = broken = 0
    for edition in editions:
        for own, shown in _cells(decisions, edition):
            if own and shown:
                tried += 1
                broken += tells(_parts(own).values())
    return Trial("shown-sums-are-safe", tried, broken)


def solved(decisions: Sequence[Decision], editions: Sequence[Edition]) -> Trial:
    """No withheld sum, and no single settlement, that would tell follows from what is shown."""
    known: list[Row] = []
    wanted: list[list[Decision]] = [[each] for each in decisions]
    for edition in editions:
        for own, shown in _cells(decisions, edition):
            if shown:
                known.append(_row(own))
            else:
                wanted.append(own)
        ever = [each for each in decisions if each.at < edition.computed_at]
        for line in rows_of(edition.sections, "calls"):
            if line.get("left") is not None:
                pool = (line["call"], line["asset"])
                known.append(_row(each for each in ever if (each.call, each.asset) == pool))
    reader = Reader(known)
    secret = [own for own in wanted if own and tells(_parts(own).values())]
    return Trial(
        "withheld-sums-cannot-be-solved",
        len(secret),
        sum(reader.knows(_row(own)) for own in secret),
    )


def _made_up() -> Iterator[Parts]:
    dice = Random(SEED)  # noqa: S311  # made-up amounts, no secret
    for _ in range(TRIED):
        yield {who: dice.choice((0, 1, 5, 10, 85, 100)) for who in range(dice.randint(1, 9))}


def edges() -> Trial:
    """On made-up sums, many of them on the very edge, the rules decide as they are published."""
    wrong = sum(is_sensitive(parts) != tells(parts.values()) for parts in _made_up())
    return Trial("sums-on-the-edge", TRIED, wrong)


def swayed() -> Iterator[Trial]:
    """Who a contributor is, the order of cells and the unit of amounts make no difference."""
    names = orders = units = 0
    cells = list(_made_up())
    for parts in cells:
        renamed = {f"other-{who}": amount for who, amount in [*parts.items()][::-1]}
        names += is_sensitive(renamed) != is_sensitive(parts)
        larger = {who: 1_000_000 * amount for who, amount in parts.items()}
        units += is_sensitive(larger) != is_sensitive(parts)
    tables = [cells[at : at + 3] for at in range(0, TRIED, 3)]
    for table in tables:
        forth = sorted(sum(table[place].values()) for place in withheld(table))
        back = table[::-1]
        orders += forth != sorted(sum(back[place].values()) for place in withheld(back))
    yield Trial("name-of-a-contributor", TRIED, names)
    yield Trial("unit-of-amounts", TRIED, units)
    yield Trial("order-of-cells", len(tables), orders)


def _withheld(editions: Sequence[Edition]) -> Iterator[Share]:
    """The share of sums that each report withholds, by table."""
    seen: dict[str, int] = defaultdict(int)
    for edition in editions:
        seen[edition.period] += 1
        for key in ("calls", "epochs"):
            lines = rows_of(edition.sections, key)
            if lines:
                hidden = sum(line.get("paid") is None for line in lines)
                name = f"report:{edition.period}/{seen[edition.period]}"
                yield Share("withheld-sums", name, key, hidden, len(lines), None)
