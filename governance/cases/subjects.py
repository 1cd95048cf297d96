"""What governance itself lets be examined: its algorithms, and entries of the log by kind."""

from __future__ import annotations

from governance import registries
from governance.log.kinds import KINDS
from governance.models import LogCheckpoint, LogPlace
from governance.registries import AuditSubject, Population

ENTRIES_MAX = 200_000


def algorithm_subject(algorithm: str) -> AuditSubject | None:
    """An algorithm of the register."""
    found = registries.algorithms.get(algorithm)
    return AuditSubject(found.name) if found is not None else None


def log_entries(named: str) -> Population | None:
    """``<kind>:<size>``: the entries of a kind in the first ``size`` of the log, by index.

    The size is one that was signed, so that anyone finds the same entries there.
    """
    kind, _, size = named.partition(":")
    if kind not in KINDS or not size.isascii() or not size.isdecimal() or len(size) > 15:
        return None
    if not LogCheckpoint.objects.filter(size=int(size)).exists():
        return None
    places = LogPlace.objects.filter(entry__kind=kind, index__lt=int(size)).order_by("index")
    found = list(places.values_list("index", flat=True)[: ENTRIES_MAX + 1])
    if len(found) > ENTRIES_MAX:
        return None
    title = {"ko": f"기록부 {kind}", "en": f"Log entries {kind}"}
    return Population(title, tuple(str(index) for index in found))
