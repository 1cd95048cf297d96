"""How objections to decisions ended, for the audit of what decided."""

from __future__ import annotations

from collections.abc import Iterable

from governance.audits.data import Appeals
from governance.models import Objection
from governance.models.rights import RequestState


def appeals_against(subject_kind: str, subject_ids: Iterable[str]) -> Appeals:
    """Objections to these decisions; granted, also in part, counts as overturned."""
    states = list(
        Objection.objects.filter(
            subject_kind=subject_kind, subject_id__in=list(subject_ids)
        ).values_list("state", flat=True)
    )
    answered = [state for state in states if state != RequestState.RECEIVED]
    overturned = [s for s in answered if s in (RequestState.GRANTED, RequestState.PARTLY)]
    return Appeals(len(states), len(answered), len(overturned))
