"""Appeals: an answer that refuses a request, in whole or in part, is a decision like any other.

Who disagrees objects to it (``subject_kind`` ``request``) and is answered by somebody else, within
thirty days. A granted appeal opens the request again with the words it had, under a legal clock of
its own; what must stop for it stops at once, and it is answered the ordinary way.
"""

from __future__ import annotations

from uuid import UUID

from governance.models import RequestState, RightsRequest

SUBJECT = "request"
#: Answers that leave something to object to.
APPEALABLE = (RequestState.PARTLY, RequestState.REFUSED)


def is_own_refusal(party_id: UUID, request_id: str) -> bool:
    """Whether it is a request of this party whose answer refuses something."""
    return refused(party_id, request_id) is not None


def refused(party_id: UUID, request_id: str) -> RightsRequest | None:
    """That request; None for every other text."""
    try:
        id_ = UUID(request_id)
    except ValueError:
        return None
    return RightsRequest.objects.filter(id=id_, party_id=party_id, state__in=APPEALABLE).first()


def who_answered(request_id: str) -> frozenset[UUID]:
    """The person who gave the answer, and so does not answer the appeal."""
    answered = RightsRequest.objects.filter(id=request_id, answered_by__isnull=False)
    return frozenset(id_ for id_ in answered.values_list("answered_by_id", flat=True) if id_)
