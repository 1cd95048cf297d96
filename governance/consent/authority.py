"""Who may decide about a party's consent: the party itself, or the guardian of a child under 14.

Personal Information Protection Act, article 22-2.
"""

from __future__ import annotations

from uuid import UUID

from dure.accounts.acting import Actor
from dure.accounts.guardians import is_guardian, is_under_fourteen, wards_of
from governance.consent import problems
from governance.models import DecidedBy


def decides_as(acting: Actor, party_id: UUID, *, granting: bool) -> DecidedBy:
    """In which role the actor decides for the party.

    A child may refuse and withdraw by itself but agree only through the guardian. Raises the
    problems CONSENT_UNKNOWN (somebody else's party) and GUARDIAN_NEEDED.
    """
    if acting.acts_for(party_id):
        if granting and is_under_fourteen(party_id):
            raise problems.GUARDIAN_NEEDED.problem()
        return DecidedBy.SELF
    # Nobody else consents for another: not an operator, not the platform. A program's key acts
    # for the party it was issued for, so that a guardian decides signed in.
    if acting.api_key is None and is_guardian(acting.person, party_id):
        return DecidedBy.GUARDIAN
    raise problems.CONSENT_UNKNOWN.problem()


def decidable_parties(acting: Actor) -> frozenset[UUID]:
    """Every party whose consents the actor sees and decides about."""
    if acting.api_key is not None or acting.person is None:
        return acting.parties
    return acting.parties | wards_of(acting.person)
