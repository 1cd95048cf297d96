"""Who acts for an organisation: founding one, inviting, accepting, changing roles, leaving."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from dure.accounts import problems
from dure.accounts.acting import Actor
from dure.accounts.models import Invitation, Membership, Organisation, Person
from dure.accounts.roles import MemberRole, Role
from dure.accounts.services import create_organisation, grant_role
from dure.core.clock import now
from dure.core.outbox import publish
from dure.core.problems import INVALID, NOT_FOUND, FieldError

INVITED_FOR = timedelta(days=7)
INVITATIONS_MAX = 50
ORGANISATIONS_MAX = 20
NAME_LENGTH_MAX = 120


@transaction.atomic
def found_organisation(*, acting: Actor, name: Mapping[str, str], kind: str) -> Organisation:
    """An organisation of the acting person, who becomes its owner; its programs start with tests.

    ``name`` has "ko" and "en". Raises INVALID.
    """
    person = acting.require_person()
    errors = [
        FieldError(f"name_{language}", _("Enter a name of up to 120 characters."))
        for language in ("ko", "en")
        if not _is_name(name.get(language, ""))
    ]
    if kind not in Organisation.Kind.values:
        errors.append(FieldError("kind", _("Choose what the organisation is.")))
    if Membership.objects.filter(person=person).count() >= ORGANISATIONS_MAX:
        errors.append(FieldError("name_ko", _("You belong to as many organisations as one can.")))
    if errors:
        raise INVALID.problem(errors=errors)
    organisation = create_organisation(
        acting=acting,
        name={language: name[language].strip() for language in ("ko", "en")},
        kind=kind,
        reviewed=False,
    )
    _join(acting, organisation, person, MemberRole.OWNER)
    return organisation


def _is_name(text: str) -> bool:
    return 0 < len(text.strip()) <= NAME_LENGTH_MAX and text.isprintable()


@transaction.atomic
def invite(*, acting: Actor, organisation: Organisation, email: str, role: str) -> Invitation:
    """Ask somebody to join; whoever has the address accepts within a week.

    Raises OWNERS_ONLY, INVALID, MEMBER_ALREADY, INVITED_ALREADY, INVITATIONS_ENOUGH.
    """
    _owned(acting, organisation)
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise INVALID.problem(
            errors=[FieldError("email", _("Enter an e-mail address such as name@example.com."))]
        ) from None
    wanted = _role(role)
    if Membership.objects.filter(organisation=organisation, person__email=address).exists():
        raise problems.MEMBER_ALREADY.problem()
    moment = now()
    open_ones = Invitation.objects.filter(organisation=organisation, ended_at=None)
    open_ones.filter(expires_at__lte=moment).update(ended_at=moment, email="")
    if open_ones.filter(email=address).exists():
        raise problems.INVITED_ALREADY.problem()
    if open_ones.count() >= INVITATIONS_MAX:
        raise problems.INVITATIONS_ENOUGH.problem()
    invitation = Invitation.objects.create(
        organisation=organisation,
        email=address,
        role=wanted,
        invited_by=acting.require_person(),
        expires_at=moment + INVITED_FOR,
    )
    publish(
        kind="member.invited",
        subject=str(invitation.id),
        payload={"party": str(organisation.party_id), "role": wanted, "by": acting.ref},
    )
    return invitation


@transaction.atomic
def accept_invitation(*, acting: Actor, invitation_id: uuid.UUID) -> Membership:
    """Join, signed in with the invited address. Raises INVITATION_OVER for all others alike."""
    person = acting.require_person()
    invitation = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("organisation")
        .filter(id=invitation_id, email=person.email, ended_at=None, expires_at__gt=now())
        .first()
    )
    if invitation is None or acting.api_key is not None:
        raise problems.INVITATION_OVER.problem()
    invitation.accepted_at = invitation.ended_at = now()
    invitation.email = ""
    invitation.save()
    return _join(acting, invitation.organisation, person, MemberRole(invitation.role))


@transaction.atomic
def take_back_invitation(
    *, acting: Actor, organisation: Organisation, invitation_id: uuid.UUID
) -> None:
    """End an open invitation of the organisation. Raises OWNERS_ONLY, NOT_FOUND."""
    _owned(acting, organisation)
    ended = Invitation.objects.filter(
        id=invitation_id, organisation=organisation, ended_at=None
    ).update(ended_at=now(), email="")
    if not ended:
        raise NOT_FOUND.problem()


@transaction.atomic
def decline_invitation(*, acting: Actor, invitation_id: uuid.UUID) -> None:
    """The invited person says no; the address is forgotten. Raises INVITATION_OVER."""
    person = acting.require_person()
    ended = Invitation.objects.filter(id=invitation_id, email=person.email, ended_at=None).update(
        ended_at=now(), email=""
    )
    if not ended:
        raise problems.INVITATION_OVER.problem()


@transaction.atomic
def change_role(
    *, acting: Actor, organisation: Organisation, member_id: int, role: str
) -> Membership:
    """Raises OWNERS_ONLY, NOT_FOUND, INVALID, and OWNER_NEEDED for the last owner."""
    _owned(acting, organisation)
    membership = _member(organisation, member_id)
    wanted = _role(role)
    if membership.role == wanted:
        return membership
    if membership.role == MemberRole.OWNER:
        _refuse_without_owner(membership)
    membership.role = wanted
    membership.save(update_fields=["role"])
    publish(
        kind="member.role_changed",
        subject=str(organisation.id),
        payload={"party": str(organisation.party_id), "role": wanted, "by": acting.ref},
    )
    return membership


@transaction.atomic
def remove_member(*, acting: Actor, organisation: Organisation, member_id: int) -> None:
    """An owner removes somebody, or a member leaves; their keys of the organisation end with it.

    Raises OWNERS_ONLY, NOT_FOUND, and OWNER_NEEDED for the last owner.
    """
    person = acting.require_person()
    _locked(organisation)
    membership = _member(organisation, member_id)
    if membership.person_id != person.id:
        _owned(acting, organisation)
    if membership.role == MemberRole.OWNER:
        _refuse_without_owner(membership)
    leaver = membership.person
    membership.delete()
    leaver.api_keys.filter(organisation=organisation, revoked_at=None).update(revoked_at=now())
    if not leaver.memberships.exists():
        leaver.role_grants.filter(role=Role.FIRM_MEMBER).delete()
    publish(
        kind="member.left",
        subject=str(organisation.id),
        payload={"party": str(organisation.party_id), "by": acting.ref},
    )


def _join(
    acting: Actor, organisation: Organisation, person: Person, role: MemberRole
) -> Membership:
    membership, created = Membership.objects.get_or_create(
        organisation=organisation, person=person, defaults={"role": role}
    )
    if created:
        grant_role(acting=acting, person=person, role=Role.FIRM_MEMBER)
        publish(
            kind="member.joined",
            subject=str(organisation.id),
            payload={"party": str(organisation.party_id), "role": role.value, "by": acting.ref},
        )
    return membership


def _owned(acting: Actor, organisation: Organisation) -> None:
    """Raise unless an owner acts, signed in; for strangers there is no such organisation."""
    person = acting.require_person()
    _locked(organisation)
    membership = Membership.objects.filter(organisation=organisation, person=person).first()
    if membership is None:
        raise NOT_FOUND.problem()
    if membership.role != MemberRole.OWNER or acting.api_key is not None:
        raise problems.OWNERS_ONLY.problem()


def _locked(organisation: Organisation) -> None:
    """Changes of one organisation's members happen one after the other."""
    Organisation.objects.select_for_update().get(id=organisation.id)


def _member(organisation: Organisation, member_id: int) -> Membership:
    found = organisation.memberships.select_related("person").filter(id=member_id).first()
    if found is None:
        raise NOT_FOUND.problem()
    return found


def _role(text: str) -> str:
    if text not in MemberRole.values:
        raise INVALID.problem(errors=[FieldError("role", _("Choose a role."))])
    return text


def _refuse_without_owner(leaving: Membership) -> None:
    others = leaving.organisation.memberships.exclude(id=leaving.id)
    if not others.filter(role=MemberRole.OWNER).exists():
        raise problems.OWNER_NEEDED.problem()
