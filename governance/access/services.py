"""Keeping note of who looks at whose data."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from dure.accounts.acting import Actor
from dure.core import clock
from governance.models import AccessNote

#: Loading a list again within this time is still the same look.
SAME_LOOK = timedelta(minutes=10)


def note_access(
    *, acting: Actor, party_id: UUID, what: str, why: str, subject: str = ""
) -> AccessNote | None:
    """Notes that a person looked at a party's data; looking at one's own is nobody's business.

    ``what`` and ``why`` are short fixed words such as ``consent`` and ``administration``;
    ``subject`` is an identifier. Call it before showing anything, in the same request.
    """
    person = acting.person
    if person is None or acting.acts_for(party_id):
        return None
    return AccessNote.objects.create(
        party_id=party_id, by=person, what=what, subject=subject, why=why, at=clock.now()
    )


def note_accesses(
    *, acting: Actor, party_ids: Iterable[UUID], what: str, why: str, subject: str = ""
) -> int:
    """``note_access`` for everybody on a list or in a file, in two statements; how many notes.

    Whoever was on the same list for the same reader within SAME_LOOK gets no second note.
    """
    person = acting.person
    if person is None:
        return 0
    moment = clock.now()
    seen = {party_id for party_id in party_ids if not acting.acts_for(party_id)}
    lately = AccessNote.objects.filter(
        by=person, party_id__in=seen, what=what, subject=subject, at__gt=moment - SAME_LOOK
    )
    seen -= set(lately.values_list("party_id", flat=True))
    AccessNote.objects.bulk_create(
        [
            AccessNote(party_id=party_id, by=person, what=what, subject=subject, why=why, at=moment)
            for party_id in sorted(seen, key=str)
        ],
        batch_size=5_000,
    )
    return len(seen)
