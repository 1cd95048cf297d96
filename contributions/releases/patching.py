"""Patches: what is left of a recalled release, asked for by the system itself.

The newest version of a series that was recalled gets a patch of its remaining records, through the
same gates as any release: k-anonymity anew, and the comparison with all that was given out before.
Where the difference would single somebody out, the patch is refused, which is told to operators,
and tried again when more people have left. Asking again changes nothing: PostgreSQL keeps one
attempt for each set of remaining contributions, and one patch of each release.
"""

from __future__ import annotations

import hashlib
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from contributions.models import Release, ReleaseState
from contributions.models.releases import GIVEN_OUT, PENDING
from contributions.releases import problems
from contributions.releases.reach import releasable
from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core import outbox
from dure.core.clock import now


def unpatched() -> QuerySet[Release]:
    """Recalled releases in whose place nothing is given out: the newest of each series."""
    later = Release.objects.filter(
        call=OuterRef("call"),
        purpose=OuterRef("purpose"),
        kind=OuterRef("kind"),
        recipient=OuterRef("recipient"),
        state__in=GIVEN_OUT,
    ).filter(
        Q(number__gt=OuterRef("number")) | Q(number=OuterRef("number"), patch__gt=OuterRef("patch"))
    )
    return (
        Release.objects.filter(~Exists(later), state=ReleaseState.SUPERSEDED)
        .select_related("call", "call_version")
        .order_by("superseded_at", "id")
    )


def request_patches(*, call_slug: str | None = None) -> int:
    """Ask for a patch of every recalled release that has none and was not tried as it now is.

    Returns how many were asked for; twice, or twice at once, asks for each once.
    """
    waiting = unpatched().exclude(tries__state__in=PENDING)
    if call_slug is not None:
        waiting = waiting.filter(call__slug=call_slug)
    return sum(_request(release) for release in waiting)


def _request(release: Release) -> bool:
    basis = basis_of(release)
    if release.tries.filter(basis=basis).exists():
        return False
    try:
        _ask(release, basis)
    except IntegrityError:
        # Another worker was faster.
        return False
    return True


@transaction.atomic
def _ask(release: Release, basis: str) -> Release:
    patch = Release.objects.create(
        call=release.call,
        call_version=release.call_version,
        purpose=release.purpose,
        kind=release.kind,
        recipient=release.recipient,
        patch_of=release,
        basis=basis,
        requested_at=now(),
    )
    outbox.publish(
        kind="release.requested",
        subject=str(patch.id),
        payload={"release": str(patch.id), "call": release.call.slug},
    )
    return patch


def basis_of(release: Release) -> str:
    """SHA-256 over the contributions of a release that may be used now, in lowercase hex."""
    left = releasable(release).filter(releases__release=release).order_by("id")
    digest = hashlib.sha256()
    for contribution_id in left.values_list("id", flat=True).iterator():
        digest.update(contribution_id.bytes)
    return digest.hexdigest()


def try_again(*, acting: Actor, release_id: UUID) -> None:
    """Ask once more for a patch that failed by an error of ours (operators).

    Raises RELEASE_UNKNOWN for what has no failed attempt, RELEASE_PENDING while one is under way.
    """
    acting.require(Role.OPERATOR, Role.APPROVER)
    release = unpatched().filter(id=release_id).first()
    last = release.tries.order_by("-requested_at", "-id").first() if release else None
    if release is None or last is None or last.state == ReleaseState.REFUSED:
        raise problems.RELEASE_UNKNOWN.problem()
    try:
        _ask(release, basis_of(release))
    except IntegrityError:
        raise problems.RELEASE_PENDING.problem() from None


def last_tries() -> list[tuple[Release, Release | None]]:
    """Recalled releases without a successor, each with the latest attempt at its patch."""
    found = list(unpatched())
    tries = Release.objects.filter(patch_of__in=found).order_by("requested_at", "id")
    last = {attempt.patch_of_id: attempt for attempt in tries}
    return [(release, last.get(release.id)) for release in found]
