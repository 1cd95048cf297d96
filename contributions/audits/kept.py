"""Which contributions an audit works out once more: the newest whose records are still kept."""

from __future__ import annotations

from typing import Final

from django.db.models import QuerySet

from contributions.models import Contribution, State

#: How many of them, and how large each may be, so that an audit runs in the time of a page.
LOOKED_AT: Final = 20
ROWS_MOST: Final = 20_000


def newest_kept() -> QuerySet[Contribution]:
    """Accepted with some record, no tests, with what was sent and found; newest first."""
    kept = Contribution.objects.filter(
        state=State.ACCEPTED,
        test=False,
        accepted__gt=0,
        received__lte=ROWS_MOST,
        records__isnull=False,
        outcome__isnull=False,
        records__purged_at=None,
        outcome__purged_at=None,
    )
    newest = kept.select_related("records", "outcome", "call_version")
    return newest.order_by("-accepted_at", "id")[:LOOKED_AT]
