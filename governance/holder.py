"""The personal data that governance holds: decisions, receipts, and openings of the log."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from dure.core.canonical import Json
from governance.access.selectors import accesses_of
from governance.consent.receipt import receipt_document
from governance.consent.selectors import consent_document, consents_of
from governance.log.selectors import openings_of
from governance.models import LogOpening
from governance.rights.selectors import (
    objection_document,
    objections_query,
    request_document,
    requests_query,
)


class GovernanceHolder:
    """Answers export, restriction and erasure for governance."""

    def export(self, party_id: UUID) -> Json:
        """Every decision with its receipt, and what opens the party's entries in the log."""
        consents = consents_of(party_id)
        own = frozenset({party_id})
        return {
            "consents": [cast("Json", consent_document(consent)) for consent in consents],
            "receipts": [receipt_document(consent) for consent in consents],
            "openings": [cast("Json", opening) for opening in openings_of(party_id)],
            "requests": [
                cast("Json", request_document(row))
                for row in requests_query(own).order_by("received_at")
            ],
            "objections": [
                cast("Json", objection_document(row))
                for row in objections_query(own).order_by("received_at")
            ],
            "accesses": [cast("Json", look) for look in accesses_of(party_id)],
        }

    def restrict(self, party_id: UUID) -> None:
        """Nothing to stop: decisions and openings are kept, never used for anything else."""

    def erase(self, party_id: UUID) -> None:
        """Destroys the openings; decisions stay, about a party that nobody can name any more."""
        LogOpening.objects.filter(owner=party_id).delete()
