"""The releases of the demo city: its air measurements, open to everybody, and what is licensed."""

from __future__ import annotations

import time

from contributions.models import Contribution, Release, ReleaseState, State
from contributions.models.releases import PENDING
from contributions.releases.building import build
from contributions.releases.services import build_release
from demo import people
from demo.calls import AIR_DAILY, CITY_AI
from demo.city import City

POLL_S, LIMIT_S = 0.2, 30


def release(city: City) -> Release | None:
    """The open release of air measurements; None where nothing was accepted, or it was refused."""
    return published(city, AIR_DAILY, CITY_AI, "open")


def published(city: City, call: str, purpose: str, kind: str) -> Release | None:
    """Build a release here and now; one that is there, or was begun, is only found again.

    None where nothing was accepted, or where it was refused.
    """
    mine = Release.objects.filter(call__slug=call, purpose=purpose, kind=kind)
    known = mine.filter(state=ReleaseState.PUBLISHED).order_by("number").last()
    if known is not None:
        return known
    if not Contribution.objects.filter(call__slug=call, state=State.ACCEPTED).exists():
        return None
    pending = mine.filter(state__in=PENDING).first()
    asked = pending or build_release(
        acting=city.actor(people.KANG), call_slug=call, purpose=purpose, kind=kind
    )
    built = build(asked.id)
    deadline = time.monotonic() + LIMIT_S
    # A worker that heard of it first has it: that is as good.
    while built.state in PENDING and time.monotonic() < deadline:
        time.sleep(POLL_S)
        built.refresh_from_db()
    return built if built.state == ReleaseState.PUBLISHED else None
