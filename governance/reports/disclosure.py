"""Disclosure control of counts of persons: threshold and complementary suppression. Pure."""

from __future__ import annotations

from collections.abc import Sequence

# The smallest count of persons that is published; zero says nothing about anybody.
THRESHOLD = 5


def suppress_counts(
    counts: Sequence[int], *, total_is_known: bool = False, threshold: int = THRESHOLD
) -> list[int | None]:
    """The counts with those from 1 up to below the threshold replaced by None.

    With ``total_is_known`` the hidden counts must not give themselves away by their sum: until
    they cannot (see ``_sum_is_safe``), the smallest shown count above zero is hidden too. Equal
    counts are hidden from the first on. Raises ValueError for negative counts.
    """
    if any(count < 0 for count in counts):
        msg = "a count of persons is not negative"
        raise ValueError(msg)
    hidden = {place for place, count in enumerate(counts) if 0 < count < threshold}
    if hidden and total_is_known:
        spare = sorted(
            (place for place, count in enumerate(counts) if count >= threshold),
            key=lambda place: (counts[place], place),
        )
        for place in spare:
            if _sum_is_safe([counts[at] for at in hidden], threshold):
                break
            hidden.add(place)
    return [None if place in hidden else count for place, count in enumerate(counts)]


def total_may_be_shown(counts: Sequence[int]) -> bool:
    """Whether the sum of these counts can be published beside them, suppressed as they are.

    With nothing left to hide beside a single small count, the total would reveal it.
    """
    shown = suppress_counts(counts, total_is_known=True)
    hidden = [count for count, value in zip(counts, shown, strict=True) if value is None]
    return not hidden or _sum_is_safe(hidden, THRESHOLD)


def _sum_is_safe(hidden: Sequence[int], threshold: int) -> bool:
    """Whether a reader who knows the sum of hidden counts still cannot tell that one is small.

    A reader knows too that none is zero. So any one of them may be as large as the sum less one
    for each other; that must reach the threshold.
    """
    return len(hidden) >= 2 and sum(hidden) - (len(hidden) - 1) >= threshold
