"""What was done to each group, as shares; small groups hidden. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import cast

from dure.core.canonical import Json
from governance.audits.data import Share
from governance.fairness import measures
from governance.reports.disclosure import suppress_counts

Place = tuple[str, str]  # what was done, and the dimension


def by_place(shares: Sequence[Share]) -> dict[Place, list[Share]]:
    """Shares of one dimension together, by key."""
    found: dict[Place, list[Share]] = {}
    for share in sorted(shares, key=lambda each: (each.name, each.dimension, each.key)):
        found.setdefault((share.name, share.dimension), []).append(share)
    return found


def uneven(shares: Sequence[Share]) -> list[Share]:
    """Shares of groups of which less than four fifths is left untouched that is of the best.

    Only groups of enough people are compared, since one person brings many units.
    """
    large = [each for each in shares if each.whole and (each.people or 0) >= measures.GROUP_MIN]
    left = {each.key: (each.whole - each.part, each.whole) for each in large}
    verdicts = measures.four_fifths(left, group_min=1)
    return [each for each in large if verdicts[each.key] == "unfair"]


def shares_document(shares: Sequence[Share], persons_min: int) -> Json:
    """The share of every group in which enough people stand behind it; null for the others."""
    if not shares:
        return None
    lines: list[dict[str, Json]] = []
    for (name, dimension), own in by_place(shares).items():
        # Whoever knows the whole subtracts: a group that gives a small one away goes with it.
        shown = suppress_counts(
            [persons_min if each.people is None else each.people for each in own],
            total_is_known=True,
            threshold=persons_min,
        )
        flagged: Mapping[str, Share] = {each.key: each for each in uneven(own)}
        for each, people in zip(own, shown, strict=True):
            told = people is not None and each.whole > 0
            lines.append(
                {
                    "name": name,
                    "dimension": dimension,
                    "key": each.key,
                    "share": measures.rounded(Fraction(each.part, each.whole)) if told else None,
                    "withheld": people is None,
                    "uneven": each.key in flagged,
                }
            )
    return cast("Json", lines)
