"""Whether every contribution came to an end in time and every record is accounted for."""

from __future__ import annotations

from django.db.models import F, Q

from contributions.models import Contribution, Photo, State
from contributions.models.contributions import MOVING
from dure.core.blobs import path_of
from dure.core.canonical import Json
from dure.core.clock import now


def contributions_check() -> dict[str, Json]:
    """Contributions past their deadline without an end, and any whose counts do not add up."""
    overdue = Contribution.objects.filter(state__in=MOVING, deadline_at__lt=now()).count()
    lost = (
        Contribution.objects.filter(state=State.ACCEPTED)
        .exclude(received=F("accepted") + F("quarantined") + F("duplicate"))
        .count()
    )
    unsure = Contribution.objects.filter(Q(mass__gt=F("accepted") * 1000)).count()
    return {
        "ok": not overdue and not lost and not unsure,
        "overdue": overdue,
        "not_conserved": lost + unsure,
    }


def photos_check() -> dict[str, Json]:
    """Photos that are kept but whose file is gone, or is not the one that was added."""
    kept = Photo.objects.filter(
        contribution__state=State.ACCEPTED, blob__purged_at=None
    ).select_related("blob")
    changed = gone = 0
    for photo in kept.iterator():
        same = (photo.blob.sha256, photo.blob.size) == (photo.sha256, photo.size)
        changed += not same
        gone += not path_of(photo.blob_id).exists()
    return {"ok": not changed and not gone, "changed": changed, "gone": gone}
