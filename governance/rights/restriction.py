"""Whether a party's data may be used at all; asked by every check of consent."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Min, QuerySet

from governance.models.restriction import Restriction, RestrictionGround
from governance.models.rights import RequestState, RightKind, RightsRequest


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


#: How long the data of whoever was refused still rests: time to be told, and to object.
TOLD_WITHIN = timedelta(days=3)


def rests_until(request: RightsRequest) -> datetime | None:
    """Until when data rests that a request stopped and its answer does not keep out of use.

    None for what is not answered, or stays stopped. The person is told first, by the answer and by
    letter (GDPR 18(3)).
    """
    ends = {
        RightKind.ERASURE: (RequestState.REFUSED, RequestState.PARTLY),
        RightKind.RESTRICTION: (RequestState.REFUSED,),
        RightKind.OBJECTION: (RequestState.REFUSED,),
    }
    if request.answered_at is None or request.state not in ends.get(RightKind(request.kind), ()):
        return None
    return request.answered_at + TOLD_WITHIN


#: The request whose answer ends, or keeps, what stands on a ground.
STOPPED_BY: Final = {
    RestrictionGround.REQUEST: RightKind.RESTRICTION,
    RestrictionGround.ERASURE: RightKind.ERASURE,
    RestrictionGround.OBJECTION: RightKind.OBJECTION,
}


def standing(party_id: UUID) -> list[tuple[Restriction, datetime | None]]:
    """What stops the use of a party's data now, oldest first, and until when if that is known."""
    return [(row, _until(row)) for row in restrictions_of(party_id)]


def _until(row: Restriction) -> datetime | None:
    newest = asked_last(row.party_id, row.ground)
    return rests_until(newest) if newest else None


def asked_last(party_id: UUID, ground: str) -> RightsRequest | None:
    """The newest request on a ground."""
    asked = RightsRequest.objects.filter(
        party_id=party_id, kind=STOPPED_BY[RestrictionGround(ground)]
    )
    return asked.order_by("received_at", "id").last()


def stopped_since(last: Restriction) -> datetime:
    """When the time without use began that ends with ``last``; grounds may have overlapped."""
    began = last.since
    earlier = Restriction.objects.filter(party_id=last.party_id, since__lte=last.since)
    for other in earlier.exclude(id=last.id).order_by("-lifted_at"):
        if other.lifted_at is not None and other.lifted_at >= began:
            began = min(began, other.since)
    return began
