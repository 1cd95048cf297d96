"""The personal data of an account: who somebody is to the city, for themselves."""

from __future__ import annotations

from uuid import UUID

from dure.accounts.guardianship import Guardianship
from dure.accounts.logged_request import LoggedRequest
from dure.accounts.models import ApiKey, Membership, Organisation, Person, RoleGrant
from dure.core.canonical import Json
from dure.core.clock import rfc3339

#: What a key was used for is kept for thirty days; so many of the newest stand in an export.
REQUESTS_MOST = 10_000


class AccountHolder:
    """Answers export for accounts; they are erased by dure.accounts together with the keys."""

    def export(self, party_id: UUID) -> Json:
        """The account, what it may do and what it was used for; never a secret, never another."""
        person = Person.objects.filter(party_id=party_id).first()
        if person is None:
            return _organisation(party_id)
        return {
            "account": [_account(person)],
            "roles": [
                {
                    "role": grant.role,
                    "scope": grant.scope,
                    "granted_at": rfc3339(grant.granted_at),
                    "until": rfc3339(grant.until) if grant.until else None,
                }
                for grant in RoleGrant.objects.filter(person=person).order_by("granted_at", "id")
            ],
            "memberships": [
                {
                    "organisation": {**membership.organisation.name},
                    "role": membership.role,
                    "since": rfc3339(membership.created_at),
                }
                for membership in Membership.objects.filter(person=person)
                .select_related("organisation")
                .order_by("created_at", "id")
            ],
            "guardianships": _guardianships(person),
            "api_keys": [
                _api_key(key)
                for key in ApiKey.objects.filter(person=person).order_by("created_at", "id")
            ],
            "requests_of_keys": [
                {
                    "at": rfc3339(row.at),
                    "key": row.key.prefix,
                    "method": row.method,
                    "path": row.path,
                    "status": row.status,
                }
                for row in LoggedRequest.objects.filter(key__person=person)
                .select_related("key")
                .order_by("-at", "-id")[:REQUESTS_MOST]
            ],
        }

    def restrict(self, party_id: UUID) -> None:
        """Nothing to stop: whoever may sign in may also lift a restriction."""

    def erase(self, party_id: UUID) -> None:
        """Nothing here: dure.accounts.services.erase_person empties the account."""


def _account(person: Person) -> Json:
    born = person.said_born_on
    return {
        "party": str(person.party_id),
        "email": person.email,
        "name": person.name,
        "language": person.language,
        "district": person.district or None,
        "birth_year": person.birth_year,
        "sex": person.sex or None,
        "said_born_on": born.isoformat() if born else None,
        "opened_at": rfc3339(person.created_at),
        "last_sign_in_at": rfc3339(person.last_login) if person.last_login else None,
    }


def _guardianships(person: Person) -> Json:
    """As child and as guardian; the other one's name is theirs."""
    found = [
        *((row, "child") for row in Guardianship.objects.filter(child=person).order_by("asked_at")),
        *(
            (row, "guardian")
            for row in Guardianship.objects.filter(guardian=person).order_by("asked_at")
        ),
    ]
    return [
        {
            "as": role,
            "child_born_on": row.child_born_on.isoformat() if role == "child" else None,
            "asked_at": rfc3339(row.asked_at),
            "confirmed_at": rfc3339(row.confirmed_at) if row.confirmed_at else None,
            "ended_at": rfc3339(row.ended_at) if row.ended_at else None,
        }
        for row, role in found
    ]


def _api_key(key: ApiKey) -> Json:
    return {
        "name": key.name,
        "prefix": key.prefix,
        "live": key.live,
        "scopes": [*key.scopes],
        "created_at": rfc3339(key.created_at),
        "expires_at": rfc3339(key.expires_at),
        "last_used_at": rfc3339(key.last_used_at) if key.last_used_at else None,
        "revoked_at": rfc3339(key.revoked_at) if key.revoked_at else None,
    }


def _organisation(party_id: UUID) -> Json:
    found = Organisation.objects.filter(party_id=party_id).first()
    if found is None:
        return {}
    return {
        "account": [
            {
                "party": str(party_id),
                "name": {**found.name},
                "kind": found.kind,
                "opened_at": rfc3339(found.created_at),
                "live_since": rfc3339(found.live_since) if found.live_since else None,
            }
        ]
    }
