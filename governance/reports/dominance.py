"""Disclosure control of sums of amounts: who contributed to a sum may not compute another's part.

Pure. A sum over few contributors, or over one that outweighs the rest, tells a contributor who
knows their own part (almost) what another one has: with two firms in a call each only subtracts.
A sum is therefore withheld where

* fewer than FEWEST contribute to it,
* its largest part is more than 85 % of it: the (1, 85) rule, or
* the second largest, who knows their own part, could estimate the largest to within 10 % of it:
  what all others have together is less than a tenth of the largest part: the p%-rule, p = 10.

Source: Handbook on Statistical Disclosure Control (sdctools.github.io/HandbookSDC), chapter 4.
Integers only, so that a sum on the edge is decided alike everywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

FEWEST: Final = 5
DOMINANT_PERCENT: Final = 85
PRIOR_PERCENT: Final = 10

#: Amounts by whoever they belong to; parts of nothing play no role.
Parts = Mapping[Any, int]  # Any: whatever names a contributor


def is_sensitive(parts: Parts) -> bool:
    """Whether the sum of these amounts tells one contributor too much about another.

    Raises ValueError for negative amounts.
    """
    amounts = sorted((amount for amount in parts.values() if amount), reverse=True)
    if any(amount < 0 for amount in amounts):
        raise ValueError("a part of a sum is not negative")
    if not amounts:
        return False
    if len(amounts) < FEWEST:
        return True
    total, largest, second = sum(amounts), amounts[0], amounts[1]
    if 100 * largest > DOMINANT_PERCENT * total:
        return True
    return 100 * (total - largest - second) < PRIOR_PERCENT * largest


def withheld(
    cells: Sequence[Parts], *, total_is_known: bool = True, before: Collection[int] = ()
) -> frozenset[int]:
    """Places of the cells whose sums are withheld; ``before`` were withheld already and stay so.

    With ``total_is_known`` a reader subtracts what is shown from the total and has the sum of all
    withheld cells together. Until that is no longer sensitive itself, the smallest shown cell is
    withheld too, the first one among equals.
    """
    hidden = {place for place, cell in enumerate(cells) if is_sensitive(cell)} | set(before)
    if not hidden or not total_is_known:
        return frozenset(hidden)
    spare = sorted(
        (place for place, cell in enumerate(cells) if place not in hidden and any(cell.values())),
        key=lambda place: (sum(cells[place].values()), place),
    )
    for place in spare:
        if not is_sensitive(together([cells[at] for at in sorted(hidden)])):
            break
        hidden.add(place)
    return frozenset(hidden)


def total_may_be_shown(cells: Sequence[Parts]) -> bool:
    """Whether the total of these cells can stand beside them, withheld as they are."""
    if is_sensitive(together(cells)):
        return False
    hidden = withheld(cells)
    return not hidden or not is_sensitive(together([cells[place] for place in sorted(hidden)]))


def together(cells: Sequence[Parts]) -> dict[Any, int]:
    """The cells as one, by contributor."""
    merged: dict[Any, int] = {}
    for cell in cells:
        for who, amount in cell.items():
            merged[who] = merged.get(who, 0) + amount
    return merged
