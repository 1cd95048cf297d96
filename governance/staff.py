"""Who works for the city and in which role: two people decide, and the log says so.

A role that lets somebody see other people's affairs or move their money is proposed by one member
of staff and agreed to by another; neither of them is the person concerned.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from dure.accounts.acting import Actor
from dure.accounts.models import Person, RoleGrant
from dure.accounts.roles import Role
from dure.accounts.services import end_role, grant_role
from dure.core import clock
from dure.core.canonical import Json, canonical_hash
from dure.core.problems import INVALID, NOT_FOUND, FieldError, ProblemKind
from governance import four_eyes
from governance.access.services import note_access
from governance.models import OPEN, Proposal

#: Roles that need four eyes.
STAFF = (Role.AUDITOR, Role.OPERATOR, Role.APPROVER, Role.ADMIN)
GRANT, END = "grant", "end"
KIND = "role:"
#: A proposal that nobody agreed to by then has lapsed.
LAPSE = timedelta(days=14)

OWN_ROLE = ProblemKind(
    "own-role",
    403,
    _("Nobody decides about their own role"),
    _("Ask two colleagues to change it."),
)
LAST_OF_ROLE = ProblemKind(
    "last-of-role",
    409,
    _("Too few people would be left in this role"),
    _("Give the role to somebody else first. Two people are needed to decide together."),
)
ROLE_AS_IS = ProblemKind(
    "role-as-is",
    409,
    _("The role is already so"),
    _("Look at the list of people again."),
)
#: So many have to stay in these roles, or no decision could be taken any more.
LEAST = {Role.OPERATOR: 2, Role.APPROVER: 1}


@transaction.atomic
def change_role(
    *,
    acting: Actor,
    person: Person,
    change: str,
    role: str,
    scope: str = "",
    until: datetime | None = None,
) -> bool:
    """Propose to give or end a role, or agree to what a colleague proposed; True once it is done.

    `change` is "grant" or "end", `scope` the slug of a call or empty. Raises INVALID, OWN_ROLE,
    LAST_OF_ROLE, ROLE_AS_IS, and what `four_eyes.propose_or_agree` raises.
    """
    acting.require(*four_eyes.MAY)
    if acting.require_person() == person:
        raise OWN_ROLE.problem()
    chosen = _checked(person, change, role, scope, until)
    details: dict[str, Json] = {
        "person": str(person.id),
        "change": change,
        "role": chosen.value,
        "scope": scope,
        "until": clock.rfc3339(until) if until else None,
    }
    proposal = four_eyes.propose_or_agree(acting=acting, kind=_kind(details), details=details)
    if proposal.decided_at is None:
        return False
    if change == GRANT:
        grant_role(acting=acting, person=person, role=chosen, scope=scope, until=until)
    else:
        end_role(acting=acting, person=person, role=chosen, scope=scope)
    return True


def _kind(details: dict[str, Json]) -> str:
    """Every change has proposals of its own, so that no other one stands in its way.

    Those of the same change that lapsed or were decided on are counted past.
    """
    start = f"{KIND}{canonical_hash(details)[:24]}:"
    over = Proposal.objects.filter(kind__startswith=start).exclude(_open())
    return f"{start}{over.count()}"


def _open() -> Q:
    return OPEN & Q(proposed_at__gt=clock.now() - LAPSE)


@transaction.atomic
def agree(*, acting: Actor, proposal_id: UUID) -> None:
    """Agree to an open proposal as it was made. Raises NOT_FOUND and what `change_role` raises."""
    acting.require(*four_eyes.MAY)
    proposal = Proposal.objects.filter(_open(), id=proposal_id, kind__startswith=KIND).first()
    if proposal is None:
        raise NOT_FOUND.problem()
    details = proposal.details
    change_role(
        acting=acting,
        person=person_of_staff(acting, UUID(details["person"])),
        change=details["change"],
        role=details["role"],
        scope=details["scope"],
        until=datetime.fromisoformat(details["until"]) if details["until"] else None,
    )


def _checked(person: Person, change: str, role: str, scope: str, until: datetime | None) -> Role:
    if change not in (GRANT, END) or role not in [each.value for each in STAFF]:
        raise INVALID.problem(errors=[FieldError("role", INVALID.advice, "unknown")])
    if until is not None and until <= clock.now():
        raise INVALID.problem(errors=[FieldError("until", _("Give a day to come."), "past")])
    chosen = Role(role)
    held = standing().filter(person=person, role=chosen, scope=scope).first()
    if change == END and held is None:
        raise ROLE_AS_IS.problem()
    if change == GRANT and held is not None and held.until == until:
        raise ROLE_AS_IS.problem()
    others = standing().filter(role=chosen, scope="").exclude(person=person).count()
    if change == END and not scope and others < LEAST.get(chosen, 0):
        raise LAST_OF_ROLE.problem()
    return chosen


def standing() -> QuerySet[RoleGrant]:
    """Grants of staff roles that have not ended."""
    return RoleGrant.objects.filter(
        Q(until=None) | Q(until__gt=clock.now()), role__in=STAFF
    ).select_related("person")


def staff(acting: Actor) -> list[RoleGrant]:
    """Everybody who works for the city, by name; only for staff that may decide about roles."""
    acting.require(*four_eyes.MAY)
    return list(standing().order_by("person__name", "person_id", "role", "scope"))


def open_proposals(acting: Actor) -> list[Proposal]:
    """Changes of roles that wait for a second person, oldest first."""
    acting.require(*four_eyes.MAY)
    waiting = Proposal.objects.filter(_open(), kind__startswith=KIND)
    return list(waiting.select_related("proposer").order_by("proposed_at"))


def person_by_email(acting: Actor, email: str) -> Person:
    """The person with exactly this address; the look is noted for them. Raises NOT_FOUND."""
    acting.require(*four_eyes.MAY)
    person = Person.objects.filter(email=email.strip().lower(), is_active=True).first()
    if person is None:
        raise NOT_FOUND.problem()
    note_access(acting=acting, party_id=person.party_id, what="account", why="roles")
    return person


def person_of_staff(acting: Actor, person_id: UUID) -> Person:
    """Somebody whose role is decided about. Raises NOT_FOUND."""
    acting.require(*four_eyes.MAY)
    person = Person.objects.filter(id=person_id, is_active=True).first()
    if person is None:
        raise NOT_FOUND.problem()
    return person
