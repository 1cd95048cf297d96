"""Disclosure control of counts of persons: threshold and complementary suppression. Pure."""

from __future__ import annotations

from collections.abc import Sequence

# The smallest count of persons that is published; zero says nothing about anybody.
THRESHOLD = 5


def suppress_counts(counts: Sequence[int], *, total_is_known: bool = False) -> list[int | None]:
    """The counts with those from 1 to 4 replaced by None.

    With ``total_is_known`` the hidden cells together must not give themselves away: while fewer
    than two are hidden, or they add up to less than the threshold, the smallest shown count
    above zero is hidden too. Equal counts are hidden from the first on. Raises ValueError for
    negative counts.
    """
    if any(count < 0 for count in counts):
        msg = "a count of persons is not negative"
        raise ValueError(msg)
    hidden = {place for place, count in enumerate(counts) if 0 < count < THRESHOLD}
    if hidden and total_is_known:
        spare = sorted(
            (place for place, count in enumerate(counts) if count >= THRESHOLD),
            key=lambda place: (counts[place], place),
        )
        for place in spare:
            if len(hidden) >= 2 and sum(counts[at] for at in hidden) >= THRESHOLD:
                break
            hidden.add(place)
    return [None if place in hidden else count for place, count in enumerate(counts)]


def total_may_be_shown(counts: Sequence[int]) -> bool:
    """Whether the sum of these counts can be published beside them, suppressed as they are.

    With nothing left to hide beside a single small count, the total would reveal it.
    """
    shown = suppress_counts(counts, total_is_known=True)
    hidden = [count for count, value in zip(counts, shown, strict=True) if value is None]
    return not hidden or (len(hidden) >= 2 and sum(hidden) >= THRESHOLD)
