"""Keeping note of who looks at whose data."""

from __future__ import annotations

from uuid import UUID

from dure.accounts.acting import Actor
from dure.core import clock
from governance.models import AccessNote


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
