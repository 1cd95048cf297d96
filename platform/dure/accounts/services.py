"""Opening accounts and organisations, granting roles."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Exists, F, OuterRef

from dure.accounts.acting import Actor
from dure.accounts.guardianship import GuardianInvitation
from dure.accounts.leaving import leave_everything
from dure.accounts.models import Invitation, Membership, Organisation, Party, Person, RoleGrant
from dure.accounts.roles import MemberRole, Role
from dure.core.clock import now
from dure.core.outbox import publish

# Reserved by RFC 2606: no message can ever reach it.
ERASED_DOMAIN = "@erased.invalid"
ERASED_NAME = "–"
AUDIT_LIFETIME = timedelta(days=365)
#: How long an account waits for its address to be confirmed; the page on privacy says so.
UNCONFIRMED_KEPT = timedelta(days=7)


@transaction.atomic
def create_person(
    *,
    acting: Actor,
    email: str,
    name: str,
    password: str | None,
    language: str = "ko",
    roles: Iterable[Role] = (),
    district: str = "",
    birth_year: int | None = None,
    sex: str = "",
    address_confirmed: bool = True,
    said_born_on: date | None = None,
) -> Person:
    """Open an account; district, birth year and sex are attributes verified elsewhere.

    Whoever is told no ``password`` signs in with a code or a passkey. ``address_confirmed`` is
    whether the address was made sure of already; else that is done before the first signing in.
    ``said_born_on`` is what a child told.
    """
    person = Person(
        party=Party.objects.create(kind=Party.Kind.PERSON),
        email=email.strip().lower(),
        name=name,
        language=language,
        district=district,
        birth_year=birth_year,
        sex=sex,
        said_born_on=said_born_on,
    )
    person.set_password(password)
    person.full_clean(exclude=["password"])
    person.save(force_insert=True)
    EmailAddress.objects.create(
        user=person, email=person.email, primary=True, verified=address_confirmed
    )
    for role in roles:
        grant_role(acting=acting, person=person, role=role)
    return person


@transaction.atomic
def grant_role(
    *, acting: Actor, person: Person, role: Role, scope: str = "", until: datetime | None = None
) -> RoleGrant:
    """Give a person a role, in one scope or everywhere; granting it again changes its end alone.

    ``scope`` is the slug of a call. An auditor's role ends after a year unless ``until`` says when.
    """
    if role is Role.AUDITOR and until is None:
        until = now() + AUDIT_LIFETIME
    grant, created = RoleGrant.objects.update_or_create(
        person=person, role=role, scope=scope, defaults={"until": until}
    )
    person.__dict__.pop("_roles", None)
    if created:
        publish(
            kind="role.granted",
            subject=str(person.id),
            payload={"party": str(person.party_id), "role": role.value, "by": acting.ref},
        )
    return grant


@transaction.atomic
def end_role(*, acting: Actor, person: Person, role: Role, scope: str = "") -> bool:
    """Take a role away, in one scope or the one held everywhere; False where it was not held."""
    ended, _rows = RoleGrant.objects.filter(person=person, role=role, scope=scope).delete()
    person.__dict__.pop("_roles", None)
    if ended:
        publish(
            kind="role.ended",
            subject=str(person.id),
            payload={"party": str(person.party_id), "role": role.value, "by": acting.ref},
        )
    return ended > 0


@transaction.atomic
def create_organisation(
    *,
    acting: Actor,
    name: Mapping[str, str],
    kind: str = Organisation.Kind.FIRM,
    reviewed: bool = True,
) -> Organisation:
    """An organisation; one that the city itself enters needs no further review to go live."""
    party = Party.objects.create(kind=Party.Kind.ORGANISATION)
    organisation = Organisation(
        id=uuid.uuid4(),
        party=party,
        name_ko=name["ko"],
        name_en=name["en"],
        kind=kind,
        live_since=now() if reviewed else None,
    )
    organisation.full_clean()
    organisation.save(force_insert=True)
    publish(
        kind="organisation.created",
        subject=str(organisation.id),
        payload={"party": str(party.id), "by": acting.ref},
    )
    return organisation


@transaction.atomic
def add_member(
    *, acting: Actor, organisation: Organisation, person: Person, role: MemberRole | None = None
) -> Membership:
    """Without a role the first member becomes the owner, everybody after that a developer."""
    if role is None:
        first = not organisation.memberships.exists()
        role = MemberRole.OWNER if first else MemberRole.DEVELOPER
    membership, created = Membership.objects.get_or_create(
        organisation=organisation, person=person, defaults={"role": role}
    )
    if created:
        grant_role(acting=acting, person=person, role=Role.FIRM_MEMBER)
    return membership


@transaction.atomic
def erase_person(*, party_id: uuid.UUID) -> uuid.UUID:
    """Take everything that names a person out of the account and close it; answers whose it was.

    The row stays, because what the person did and was paid refers to it. Safe to repeat.
    """
    person = Person.objects.select_for_update().get(party_id=party_id)
    # Others wrote to any of the person's addresses, the second and the former ones among them.
    own = EmailAddress.objects.filter(user=person).values_list("email", flat=True)
    addresses = {person.email, *(address.lower() for address in own)}
    open_ones = Invitation.objects.filter(email__in=addresses, ended_at=None)
    open_ones.update(email="", ended_at=now())
    GuardianInvitation.objects.filter(guardian_email__in=addresses).delete()
    if not person.email.endswith(ERASED_DOMAIN):
        person.email = f"{uuid.uuid4().hex}{ERASED_DOMAIN}"
    person.name = ERASED_NAME
    person.district, person.birth_year, person.sex = "", None, ""
    person.said_born_on = None
    person.last_login, person.is_active = None, False
    # Ends every session too: a session is bound to the password it was opened with.
    person.set_unusable_password()
    person.save()
    person.role_grants.all().delete()
    leave_everything(person)
    person.api_keys.all().delete()
    person.wards.all().delete()
    person.guardianships.all().delete()
    GuardianInvitation.objects.filter(child=person).delete()
    EmailAddress.objects.filter(user=person).delete()
    Authenticator.objects.filter(user=person).delete()
    return person.id


@transaction.atomic
def sweep_unconfirmed() -> int:
    """Remove accounts whose address nobody ever confirmed, with all they hold; returns how many.

    Nobody could sign in to them, so nothing was done through them.
    """
    confirmed = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
    waiting = Person.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        ~Exists(confirmed),
        ~Exists(RoleGrant.objects.filter(person=OuterRef("pk")).exclude(role=Role.RESIDENT)),
        Exists(EmailAddress.objects.filter(user=OuterRef("pk"))),
        created_at__lt=now() - UNCONFIRMED_KEPT,
        last_login=None,
        is_active=True,
    )
    parties = [person.party_id for person in waiting]
    Person.objects.filter(party_id__in=parties).delete()
    Party.objects.filter(id__in=parties).delete()
    return len(parties)


@transaction.atomic
def end_sessions(*, acting: Actor) -> None:
    """Sign the acting person out everywhere; keys of programs stay as they are."""
    person = acting.require_person()
    Person.objects.filter(id=person.id).update(session_round=F("session_round") + 1)
