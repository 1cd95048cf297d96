"""A child who opens an account names its guardian's address; the guardian confirms by e-mail.

The letter says what is agreed to and the guardian answers from that address (Enforcement Decree of
the Personal Information Protection Act, article 17-2). What the child told is destroyed when it is
answered, and after five days without an answer (article 22-2).
"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import transaction

from dure.accounts import problems
from dure.accounts.acting import Actor
from dure.accounts.ages import AGE_OF_MAJORITY, AGE_OF_OWN_CONSENT, reaches, surely_reached
from dure.accounts.guardians import ANSWER_WITHIN
from dure.accounts.guardianship import GuardianInvitation, Guardianship
from dure.accounts.models import Person
from dure.core.clock import now
from dure.core.outbox import publish

#: So that nobody floods an address with letters by naming it again and again.
ASK_AGAIN_AFTER = timedelta(hours=12)


@transaction.atomic
def name_guardian(*, acting: Actor, child: Person, guardian_email: str) -> GuardianInvitation:
    """Keeps the address that a child under 14 names; the letter goes out when the child's own
    address is confirmed, at once where it is.

    Raises NOT_A_CHILD, GUARDIAN_ASKED (a guardian has confirmed, or a letter went out less than
    twelve hours ago) and GUARDIAN_UNKNOWN for anybody but the child itself.
    """
    if not acting.acts_for(child.party_id):
        raise problems.GUARDIAN_UNKNOWN.problem()
    born = child.said_born_on
    if born is None or reaches(AGE_OF_OWN_CONSENT, born) <= now():
        raise problems.NOT_A_CHILD.problem()
    email = guardian_email.strip().lower()
    if email == child.email:
        raise problems.GUARDIAN_UNKNOWN.problem()
    confirmed = Guardianship.objects.filter(child=child, confirmed_at__isnull=False, ended_at=None)
    waiting = GuardianInvitation.objects.select_for_update().filter(child=child).first()
    asked_lately = (
        waiting is not None
        and waiting.sent_at is not None
        and waiting.sent_at > now() - ASK_AGAIN_AFTER
    )
    if confirmed.exists() or asked_lately:
        raise problems.GUARDIAN_ASKED.problem()
    if waiting is not None:
        waiting.delete()
    made = GuardianInvitation.objects.create(child=child, guardian_email=email)
    send_invitation(child=child)
    return made


@transaction.atomic
def send_invitation(*, child: Person) -> None:
    """Has the letter sent, once, when the child's own address is confirmed."""
    if not EmailAddress.objects.filter(user=child, verified=True).exists():
        return
    moment = now()
    sent = GuardianInvitation.objects.filter(child=child, sent_at=None).update(
        sent_at=moment, asked_at=moment
    )
    if sent:
        found = GuardianInvitation.objects.get(child=child)
        publish(
            kind="guardian.invited",
            subject=str(found.id),
            payload={"invitation": str(found.id), "party": str(child.party_id)},
        )


def waiting_invitation(invitation_id: UUID) -> GuardianInvitation | None:
    """An invitation that is still to be answered."""
    return (
        GuardianInvitation.objects.select_related("child")
        .filter(id=invitation_id, asked_at__gte=now() - ANSWER_WITHIN)
        .first()
    )


def invitation_of(child: Person) -> GuardianInvitation | None:
    """What a child waits for an answer to."""
    since = now() - ANSWER_WITHIN
    return GuardianInvitation.objects.filter(child=child, asked_at__gte=since).first()


def invitations_to(person: Person) -> list[GuardianInvitation]:
    """What waits for the answer of whoever owns an address, oldest first."""
    owned = EmailAddress.objects.filter(user=person, verified=True).values_list("email", flat=True)
    return list(
        GuardianInvitation.objects.select_related("child")
        .filter(
            guardian_email__in=[email.lower() for email in owned],
            sent_at__isnull=False,
            asked_at__gte=now() - ANSWER_WITHIN,
            child__is_active=True,
        )
        .exclude(child=person)
        .order_by("asked_at")
    )


@transaction.atomic
def answer_invitation(*, acting: Actor, invitation_id: UUID, is_guardian: bool) -> None:
    """The answer of the address's owner, signed in; either way the address is destroyed.

    Raises GUARDIAN_UNKNOWN for unknown, foreign and overdue ones alike, and for somebody who is
    known to be no adult.
    """
    person = acting.require_person()
    theirs = {found.id for found in invitations_to(person)}
    found = (
        GuardianInvitation.objects.select_for_update(of=("self",))
        .select_related("child")
        .filter(id=invitation_id, id__in=theirs)
        .first()
    )
    if found is None or acting.api_key is not None or _is_no_adult(person):
        raise problems.GUARDIAN_UNKNOWN.problem()
    child, born = found.child, found.child.said_born_on
    found.delete()
    if is_guardian and born is not None:
        _confirm(acting, person, child, born)


def _confirm(acting: Actor, guardian: Person, child: Person, born: date) -> None:
    moment = now()
    row, _created = Guardianship.objects.get_or_create(
        guardian=guardian, child=child, ended_at=None, defaults={"child_born_on": born}
    )
    row.confirmed_at = max(moment, row.asked_at)
    row.save(update_fields=["confirmed_at"])
    publish(
        kind="guardianship.confirmed",
        subject=str(row.id),
        payload={"party": str(child.party_id), "by": acting.ref},
    )


def _is_no_adult(person: Person) -> bool:
    year = person.birth_year
    if person.said_born_on is not None:
        return True
    return year is not None and surely_reached(AGE_OF_MAJORITY, year) > now()


@transaction.atomic
def sweep_invitations() -> int:
    """Destroys addresses that nobody answered for in time, and dates of birth that are no longer
    needed; safe to repeat."""
    moment = now()
    overdue = GuardianInvitation.objects.filter(asked_at__lt=moment - ANSWER_WITHIN)
    count, _kinds = overdue.delete()
    for person in Person.objects.filter(said_born_on__isnull=False):
        if person.said_born_on and reaches(AGE_OF_OWN_CONSENT, person.said_born_on) <= moment:
            count += Person.objects.filter(id=person.id).update(said_born_on=None)
    return count
