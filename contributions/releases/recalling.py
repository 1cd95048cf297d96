"""Recalls: what of a release may not be used any more, since when, and what takes its place.

What the law and a licence count in days counts from the person's decision, not from our noticing
it. So the moment is read from the decisions themselves until the release is superseded, and is
then kept with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Min, Q, QuerySet

from contributions.models import (
    Contribution,
    Release,
    ReleaseKind,
    ReleaseMember,
    ReleaseState,
    State,
)
from contributions.releases.reach import releasable
from dure.core.clock import now
from governance.consent.disclosure import declined_since
from governance.consent.selectors import not_consenting_since


def recalled(release: Release) -> QuerySet[ReleaseMember]:
    """Members that may not be used any more: withdrawn, excluded, or without consent just now."""
    good = releasable(release).order_by().values("id")
    return release.members.exclude(contribution__in=good)


def status(release: Release) -> str:
    """The state, with a withdrawal seen from the moment it was made."""
    if release.state == ReleaseState.PUBLISHED and recalled(release).exists():
        return ReleaseState.SUPERSEDED.value
    return release.state


def recalled_since(release: Release) -> datetime | None:
    """Since when rows of a release may not be used any more; None while all of them may."""
    if release.state == ReleaseState.PUBLISHED:
        return first_withdrawal(release)
    return release.superseded_at


def first_withdrawal(release: Release) -> datetime | None:
    """The first decision that took a member out of a published release; None where none did.

    Never before its publication, when every member could still be used.
    """
    gone = Contribution.objects.filter(releases__in=recalled(release)).order_by()
    parties = list(gone.values_list("party_id", flat=True).distinct())
    if not parties or release.ended_at is None:
        return None
    found = gone.aggregate(
        withdrawn=Min("updated_at", filter=Q(state=State.WITHDRAWN)), excluded=Min("excluded_at")
    )
    scope, purpose = release.call.slug, release.purpose
    moments = [
        *found.values(),
        not_consenting_since(parties=parties, scope=scope, purpose=purpose),
    ]
    if release.recipient:
        moments.append(
            not_consenting_since(
                parties=parties, scope=scope, purpose=purpose, recipient=release.recipient
            )
        )
    if release.kind == ReleaseKind.OPEN:
        moments.append(declined_since(parties=parties, scope=scope, purpose=purpose))
    # What took a member out without leaving its moment takes it out from now on.
    first: datetime = min((at for at in moments if at is not None), default=now())
    return max(first, release.ended_at)


#: What the versions of a release have in common.
Series = tuple[UUID, str, str, str]


def series_of(release: Release) -> Series:
    """Call, purpose, kind and recipient, in which numbers and patches are counted."""
    return (release.call_id, release.purpose, release.kind, release.recipient)


def successors(releases: Iterable[Release]) -> dict[UUID, Release]:
    """For each recalled one of these releases what is given out in its place, where there is any.

    It is the newest of the same call, purpose, kind and recipient, whether a patch or a new number.
    """
    gone = [release for release in releases if release.state == ReleaseState.SUPERSEDED]
    if not gone:
        return {}
    newest: dict[Series, Release] = {}
    published = Release.objects.filter(
        call__in={release.call_id for release in gone}, state=ReleaseState.PUBLISHED
    )
    for release in published.select_related("call").order_by("number", "patch"):
        newest[series_of(release)] = release
    good = {key: each for key, each in newest.items() if not recalled(each).exists()}
    return {each.id: good[series_of(each)] for each in gone if series_of(each) in good}
