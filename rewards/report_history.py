"""What earlier reports said of sums, and what it tells beside a new one. Pure.

A report states a call's pool as it is: what was funded less what is left was paid since the call
began. Two such statements, of whatever quarters, tell what was paid in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from governance.reports.documents import SectionDocument, Texts, Value
from governance.reports.dominance import Parts, is_sensitive, together
from governance.reports.periods import Edition

Row = Mapping[str, Value | Texts | list[str]]


@dataclass(frozen=True, slots=True)
class Payment:
    """What one approval gave or took back of a call, by whoever it belongs to."""

    at: datetime
    parts: Parts


def calls_withheld(editions: Iterable[Edition]) -> frozenset[str]:
    """Slugs of calls of which some edition withheld what was paid in its quarter."""
    return frozenset(
        str(row["call"])
        for edition in editions
        for row in rows_of(edition.sections, "calls")
        if row.get("paid") is None
    )


def epochs_withheld(editions: Iterable[Edition]) -> frozenset[str]:
    """Identifiers of epochs whose sum some edition withheld: it never changes, so it stays so."""
    return frozenset(
        str(row["epoch"])
        for edition in editions
        for row in rows_of(edition.sections, "epochs")
        if row.get("paid") is None
    )


def pools_told(editions: Iterable[Edition]) -> dict[str, list[datetime]]:
    """When editions told what is left of a call's pool, by the call's slug."""
    told: dict[str, list[datetime]] = {}
    for edition in editions:
        for row in rows_of(edition.sections, "calls"):
            if row.get("left") is not None:
                told.setdefault(str(row["call"]), []).append(edition.computed_at)
    return told


def pool_tells(payments: Sequence[Payment], moments: Iterable[datetime]) -> bool:
    """Whether what is left of a pool, told at each of these moments, gives a few people away.

    Where nothing that was paid between two neighbouring moments is sensitive, no longer stretch
    is: what keeps each rule keeps it in sum.
    """
    edges = sorted(set(moments))
    stretches: dict[int, list[Parts]] = {}
    for payment in payments:
        place = sum(1 for edge in edges if edge <= payment.at)
        stretches.setdefault(place, []).append(payment.parts)
    return any(is_sensitive(together(parts)) for parts in stretches.values())


def told_by_standing_still(
    hidden_then: Iterable[str], total_was_shown: bool, then: Mapping[str, Parts],
    since: Mapping[str, Parts],
) -> frozenset[str]:  # fmt: skip
    """Calls that must stay withheld, since an earlier edition's total would tell the others.

    ``then`` are the parts of each call when that edition was computed, ``since`` those that came
    after: a call to which nothing came has now the sum that it had.
    """
    hidden = set(hidden_then)
    if not total_was_shown:
        return frozenset()
    still = {call for call in hidden if not any(since.get(call, {}).values())}
    if not still or not is_sensitive(together([then.get(call, {}) for call in hidden - still])):
        return frozenset()
    return frozenset(still)


def totals_shown(edition: Edition) -> frozenset[str]:
    """Assets of which an edition showed what was paid in all."""
    return frozenset(
        figure["unit"]
        for section in edition.sections
        if section["key"] == "rewards"
        for figure in section["figures"]
        if figure["key"].startswith("paid_") and figure["value"] is not None
    )


def rows_of(sections: Iterable[SectionDocument], key: str) -> list[Row]:
    """The rows of a table of the section of rewards."""
    return [
        row
        for section in sections
        if section["key"] == "rewards"
        for table in section["tables"]
        if table["key"] == key
        for row in table["rows"]
    ]
