"""Guardians of children under 14: asking, confirming, ending, and who may decide right now.

What the law asks for stands in article 22-2 of the Personal Information Protection Act: a child
under 14 consents through its guardian, the guardian's confirmation is verified, and what a child
tells about a guardian who does not agree is destroyed within five days.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from dure.accounts import problems
from dure.accounts.acting import Actor
from dure.accounts.ages import AGE_OF_MAJORITY, AGE_OF_OWN_CONSENT, reaches, surely_reached
from dure.accounts.guardianship import Guardianship
from dure.accounts.models import Person
from dure.core.clock import CITY_ZONE, now
from dure.core.outbox import publish

#: How long what a child told about a guardian is kept while the guardian does not answer.
ANSWER_WITHIN = timedelta(days=5)


@transaction.atomic
def ask_guardian(
    *, acting: Actor, child: Person, guardian_email: str, child_born_on: date
) -> Guardianship | None:
    """Asks somebody with an account to be the guardian of the acting child; once is enough.

    None where the address belongs to nobody, or to nobody of verified age. Callers must not let
    the child tell the two answers apart: whether an address has an account is nobody's business.
    Raises the problems NOT_A_CHILD and, for anybody but the child itself, GUARDIAN_UNKNOWN.
    """
    if not acting.acts_for(child.party_id):
        raise problems.GUARDIAN_UNKNOWN.problem()
    if reaches(AGE_OF_OWN_CONSENT, child_born_on) <= now() or _born_otherwise(child, child_born_on):
        raise problems.NOT_A_CHILD.problem()
    guardian = Person.objects.filter(email=guardian_email.strip().lower(), is_active=True).first()
    if guardian is None or guardian == child or not _is_verified_adult(guardian):
        return None
    asked, _created = Guardianship.objects.get_or_create(
        guardian=guardian, child=child, ended_at=None, defaults={"child_born_on": child_born_on}
    )
    return asked


@transaction.atomic
def confirm_guardianship(*, acting: Actor, guardianship_id: UUID) -> Guardianship:
    """The guardian's own decision, signed in; doing so again changes nothing.

    Raises the problem GUARDIAN_UNKNOWN for unknown, foreign, ended and overdue ones alike.
    """
    asked = _own_waiting(acting, guardianship_id)
    if asked.confirmed_at is None:
        asked.confirmed_at = now()
        asked.save(update_fields=["confirmed_at"])
        publish(
            kind="guardianship.confirmed",
            subject=str(asked.id),
            payload={"party": str(asked.child.party_id), "by": acting.ref},
        )
    return asked


@transaction.atomic
def decline_guardianship(*, acting: Actor, guardianship_id: UUID) -> None:
    """Ends a guardianship, or destroys what was only asked for. Raises GUARDIAN_UNKNOWN."""
    asked = _own_waiting(acting, guardianship_id)
    if asked.confirmed_at is None:
        asked.delete()
        return
    asked.ended_at = now()
    asked.save(update_fields=["ended_at"])


@transaction.atomic
def sweep_guardianships() -> int:
    """Destroys requests that nobody confirmed in time; ends those of children who are 14 now."""
    moment = now()
    unanswered = Guardianship.objects.filter(confirmed_at=None, asked_at__lt=moment - ANSWER_WITHIN)
    count, _kinds = unanswered.delete()
    for found in Guardianship.objects.filter(ended_at=None, confirmed_at__isnull=False):
        grown = reaches(AGE_OF_OWN_CONSENT, found.child_born_on)
        if grown <= moment:
            ended = Guardianship.objects.filter(id=found.id, ended_at=None)
            count += ended.update(ended_at=max(grown, found.asked_at))
    return count


def waiting_for(person: Person) -> list[Guardianship]:
    """Guardianships that a person has still to confirm, oldest first."""
    since = now() - ANSWER_WITHIN
    return list(
        person.wards.filter(confirmed_at=None, ended_at=None, asked_at__gte=since)
        .select_related("child")
        .order_by("asked_at")
    )


def is_guardian(person: Person | None, party_id: UUID) -> bool:
    """Whether a person may decide for a child at this moment."""
    return person is not None and party_id in wards_of(person)


def wards_of(person: Person) -> frozenset[UUID]:
    """Parties of the children under 14 for whom a person decides at this moment."""
    moment = now()
    rows = person.wards.filter(confirmed_at__isnull=False, ended_at=None, child__is_active=True)
    return frozenset(
        party_id
        for party_id, born in rows.values_list("child__party_id", "child_born_on")
        if moment < reaches(AGE_OF_OWN_CONSENT, born)
    )


def is_under_fourteen(party_id: UUID, moment: datetime | None = None) -> bool:
    """Whether a party is a child who cannot consent by itself."""
    grown = turns_fourteen_at(party_id)
    return grown is not None and (moment or now()) < grown


def turns_fourteen_at(party_id: UUID) -> datetime | None:
    """When a child's own word begins to count; None where nothing says it is a child.

    The date that a guardian confirmed counts. Without one the verified year of birth does, and
    then until everybody born in that year is 14; else what the child told.
    """
    confirmed = Guardianship.objects.filter(child__party_id=party_id, confirmed_at__isnull=False)
    born = confirmed.order_by("-confirmed_at").values_list("child_born_on", flat=True).first()
    if born is not None:
        return reaches(AGE_OF_OWN_CONSENT, born)
    known = Person.objects.filter(party_id=party_id).values_list("birth_year", "said_born_on")
    year, said = known.first() or (None, None)
    if year is not None:
        return surely_reached(AGE_OF_OWN_CONSENT, year)
    return None if said is None else reaches(AGE_OF_OWN_CONSENT, said)


def _own_waiting(acting: Actor, guardianship_id: UUID) -> Guardianship:
    """Signed in as a person: a program's key does not stand for a guardian."""
    person = acting.require_person()
    since = now() - ANSWER_WITHIN
    found = (
        Guardianship.objects.select_for_update(of=("self",))
        .select_related("child")
        .filter(Q(confirmed_at__isnull=False) | Q(asked_at__gte=since))
        .filter(id=guardianship_id, guardian=person, ended_at=None)
        .first()
    )
    if found is None or acting.api_key is not None:
        raise problems.GUARDIAN_UNKNOWN.problem()
    return found


def _is_verified_adult(person: Person) -> bool:
    year = person.birth_year
    return year is not None and surely_reached(AGE_OF_MAJORITY, year) <= now()


def _born_otherwise(child: Person, born: date) -> bool:
    """A date that contradicts the verified year of birth, or lies ahead."""
    if born > now().astimezone(CITY_ZONE).date():
        return True
    return child.birth_year is not None and child.birth_year != born.year
