"""Who acts: every write names one."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from rest_framework.request import Request

from dure.accounts.models import ApiKey, Membership, Person, standing_grants
from dure.accounts.roles import ACTING_ROLES, Role
from dure.core.problems import NOT_ALLOWED, NOT_SIGNED_IN

if TYPE_CHECKING:
    from dure.accounts.models import Organisation


@dataclass(frozen=True)
class Actor:
    """A person, a person's program, or a part of the platform itself."""

    person: Person | None
    party_id: uuid.UUID | None
    label: str
    api_key: ApiKey | None = None
    # What the request itself wishes: "gpc" where it carries the Global Privacy Control.
    signal: str = ""

    @classmethod
    def of(cls, request: HttpRequest | Request) -> Actor:
        """Whoever sent the request; a key that belongs to an organisation acts as it."""
        user = request.user
        signal = "gpc" if request.headers.get("Sec-GPC") == "1" else ""
        if isinstance(user, AnonymousUser) or not isinstance(user, Person):
            return cls(None, None, "anonymous", signal=signal)
        key = getattr(request, "auth", None)
        if not isinstance(key, ApiKey):
            return cls(user, user.party_id, f"person:{user.id}", signal=signal)
        organisation: Organisation | None = key.organisation
        party_id = organisation.party_id if organisation else user.party_id
        return cls(user, party_id, f"person:{user.id}", key, signal)

    @classmethod
    def for_person(cls, person: Person) -> Actor:
        return cls(person, person.party_id, f"person:{person.id}")

    @classmethod
    def system(cls, part: str) -> Actor:
        """The platform itself, for example ``Actor.system("worker")``."""
        return cls(None, None, f"system:{part}")

    @property
    def ref(self) -> str:
        """``person:<id>`` or ``system:<part>``; goes into commitments, never into logs."""
        return self.label

    @property
    def signed_in(self) -> bool:
        return self.person is not None

    def has(self, role: Role) -> bool:
        return self.person is not None and self.person.has_role(role)

    def has_in(self, role: Role, scope: str) -> bool:
        """Whether the person holds the role at this moment, everywhere or in this scope."""
        if self.person is None:
            return False
        return standing_grants(self.person).filter(role=role, scope__in=["", scope]).exists()

    def require(self, *roles: Role) -> None:
        """Raise 401 for strangers and 403 for people who hold none of the roles."""
        self.require_person()
        if not any(self.has(role) for role in roles):
            raise NOT_ALLOWED.problem()

    def require_person(self) -> Person:
        if self.person is None:
            raise NOT_SIGNED_IN.problem()
        return self.person

    @property
    def tests(self) -> bool:
        """Whether a test key is used: what comes of it is marked and never counts."""
        return self.api_key is not None and not self.api_key.live

    def opens(self, scope: str) -> bool:
        """Whether nothing stands in the way but the person's own rights: a key may open less."""
        return self.api_key is None or self.api_key.opens(scope)

    def acts_for(self, party_id: uuid.UUID) -> bool:
        """The person's own party, or an organisation in which the person does more than look.

        A key acts only for the party it was issued for.
        """
        return party_id in self.acting_parties

    @cached_property
    def _roles_by_party(self) -> dict[uuid.UUID, str]:
        """The role of the person by party of each organisation; empty for the own party."""
        if self.person is None:
            return {}
        rows = Membership.objects.filter(person=self.person)
        return {
            self.person.party_id: "",
            **dict(rows.values_list("organisation__party_id", "role")),
        }

    @property
    def parties(self) -> frozenset[uuid.UUID]:
        """Every party whose affairs the actor sees."""
        if self.api_key is not None:
            return frozenset({self.party_id} if self.party_id else ())
        return frozenset(self._roles_by_party)

    @property
    def acting_parties(self) -> frozenset[uuid.UUID]:
        """Every party in whose name the actor does something."""
        if self.api_key is not None:
            return self.parties
        return frozenset(
            party for party, role in self._roles_by_party.items() if role in ("", *ACTING_ROLES)
        )
