"""Whether a party's data may be used at all; asked by every check of consent."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Min, QuerySet

from governance.models.restriction import Restriction


def is_restricted(party_id: UUID) -> bool:
    """Whether a party's data is kept and not used at this moment."""
    return Restriction.objects.filter(party_id=party_id, lifted_at=None).exists()


def restricted_parties() -> QuerySet[Restriction, UUID]:
    """Identifiers of the parties whose data is not used now, as a subquery."""
    return Restriction.objects.filter(lifted_at=None).values_list("party_id", flat=True)


def restricted_since(parties: Collection[UUID]) -> datetime | None:
    """The first moment since which the data of one of these parties is not used; None: of none."""
    standing = Restriction.objects.filter(party_id__in=parties, lifted_at=None)
    first: datetime | None = standing.aggregate(first=Min("since"))["first"]
    return first


def restrictions_of(party_id: UUID) -> list[Restriction]:
    """What stops the use of a party's data now, oldest first."""
    return list(Restriction.objects.filter(party_id=party_id, lifted_at=None).order_by("since"))


def stopped_since(last: Restriction) -> datetime:
    """When the time without use began that ends with ``last``; grounds may have overlapped."""
    began = last.since
    earlier = Restriction.objects.filter(party_id=last.party_id, since__lte=last.since)
    for other in earlier.exclude(id=last.id).order_by("-lifted_at"):
        if other.lifted_at is not None and other.lifted_at >= began:
            began = min(began, other.since)
    return began
