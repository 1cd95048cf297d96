"""Whoever downloaded a release while signed in, and so has to hear what becomes of it."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from contributions.models import Download, Release, ReleaseState


def holders_of(release_id: UUID) -> list[UUID]:
    """Parties that downloaded a release."""
    return _parties(Download.objects.filter(file__release_id=release_id))


def holders_before(release: Release) -> list[UUID]:
    """Parties that downloaded a recalled version of the same call, purpose, kind and recipient."""
    older = Release.objects.filter(
        call_id=release.call_id,
        purpose=release.purpose,
        kind=release.kind,
        recipient=release.recipient,
        state=ReleaseState.SUPERSEDED,
    )
    return _parties(Download.objects.filter(file__release__in=older))


def _parties(downloads: QuerySet[Download]) -> list[UUID]:
    return list(downloads.order_by("party_id").values_list("party_id", flat=True).distinct())
