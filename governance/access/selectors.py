"""Reading who looked, for the person looked at."""

from __future__ import annotations

from typing import TypedDict
from uuid import UUID

from django.db.models import QuerySet

from dure.core.clock import rfc3339
from governance.models import AccessNote


class AccessDocument(TypedDict):
    """One look: by staff in which role, at what and why; names of staff are not given out."""

    at: str
    what: str
    subject: str
    why: str
    role: str


def accesses_query(parties: frozenset[UUID]) -> QuerySet[AccessNote]:
    """Looks at the data of these parties."""
    return AccessNote.objects.filter(party_id__in=parties).prefetch_related("by__role_grants")


def accesses_of(party_id: UUID) -> list[AccessDocument]:
    """Every look at the party's data, newest first."""
    notes = accesses_query(frozenset({party_id})).order_by("-at", "id")
    return [access_document(note) for note in notes]


def access_document(note: AccessNote) -> AccessDocument:
    """The look as the person concerned reads it."""
    roles = sorted(grant.role for grant in note.by.role_grants.all())
    return {
        "at": rfc3339(note.at),
        "what": note.what,
        "subject": note.subject,
        "why": note.why,
        "role": next(
            (role for role in ("admin", "operator", "approver", "auditor") if role in roles), ""
        ),
    }
