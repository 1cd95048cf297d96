"""Whether every contribution came to an end in time and every record is accounted for."""

from __future__ import annotations

from django.db.models import F, Q

from contributions.models import Contribution, State
from contributions.models.contributions import MOVING
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
