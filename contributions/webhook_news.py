"""What organisations are told of their contributions and of data that they hold."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from contributions.models import Release
from contributions.releases.holders import holders_before, holders_of
from dure.accounts.webhooks.kinds import register_kind
from dure.core.canonical import Json
from dure.core.outbox import Event

_ENDS = {
    "contribution.accepted": _("A contribution was accepted"),
    "contribution.returned": _("A contribution was returned to be corrected"),
    "contribution.rejected": _("A contribution was refused"),
    "contribution.failed": _("A contribution could not be processed"),
    "contribution.withdrawn": _("A contribution was withdrawn"),
}


def _of_a_contribution(event: Event) -> Iterable[tuple[UUID, dict[str, Json]]]:
    yield (
        UUID(str(event.payload["party"])),
        {
            "receipt": event.subject,
            "call": event.payload["call"],
            "test": bool(event.payload.get("test", False)),
            "url": f"/api/v1/contributions/{event.subject}/",
        },
    )


def _of_a_recall(event: Event) -> Iterable[tuple[UUID, dict[str, Json]]]:
    """Whoever downloaded the release has rows to delete."""
    for party_id in holders_of(UUID(str(event.payload["release"]))):
        yield (
            party_id,
            {
                "release": event.payload["release"],
                "call": event.payload["call"],
                "url": f"/api/v1/releases/{event.payload['release']}/recalls/",
            },
        )


def _of_a_patch(event: Event) -> Iterable[tuple[UUID, dict[str, Json]]]:
    """Whoever downloaded an earlier version may take the patch in its place."""
    patch = Release.objects.get(id=str(event.payload["release"]))
    for party_id in holders_before(patch):
        yield (
            party_id,
            {
                "release": str(patch.id),
                "label": patch.version,
                "patch_of": event.payload["patch_of"],
                "call": event.payload["call"],
                "url": f"/api/v1/releases/{patch.id}/",
            },
        )


def register() -> None:
    """Once, when the application starts."""
    for kind, label in _ENDS.items():
        register_kind(kind, label, _of_a_contribution)
    register_kind("release.superseded", _("A release you hold was recalled"), _of_a_recall)
    register_kind("release.patched", _("A patch of a release you hold is there"), _of_a_patch)
