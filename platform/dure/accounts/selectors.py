"""Reading people and organisations."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from dure.accounts.models import Organisation, Party, Person
from dure.core.clock import CITY_ZONE, now

OLDEST_BAND_FROM = 70


def age_band(birth_year: int, year: int) -> str:
    """Ten-year band of the age reached in ``year``: ``"20-29"``, the oldest is ``"70+"``."""
    start = max(0, (year - birth_year) // 10 * 10)
    return f"{OLDEST_BAND_FROM}+" if start >= OLDEST_BAND_FROM else f"{start}-{start + 9}"


def contributor_attributes(party_id: uuid.UUID) -> dict[str, str]:
    """Verified attributes ``district``, ``age_band`` and ``sex`` of a person; unknown ones absent.

    Organisations have none.
    """
    person = Person.objects.filter(party_id=party_id).first()
    if person is None:
        return {}
    found = {"district": person.district, "sex": person.sex}
    if person.birth_year is not None:
        found["age_band"] = age_band(person.birth_year, now().astimezone(CITY_ZONE).year)
    return {key: value for key, value in found.items() if value}


def organisations_of(person: Person) -> list[Organisation]:
    return list(Organisation.objects.filter(memberships__person=person).order_by("name_en"))


def organisations_by_name(language: str) -> list[Organisation]:
    """Every registered organisation, by its name in one of both languages (``ko``, ``en``)."""
    return list(Organisation.objects.order_by("name_en" if language == "en" else "name_ko", "id"))


def party_name(party_id: uuid.UUID) -> dict[str, str]:
    """The name to show to the party itself, in both languages."""
    return party_names([party_id])[party_id]


def party_names(party_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, dict[str, str]]:
    """Names of several parties at once, each in both languages."""
    found = Party.objects.select_related("person", "organisation").filter(id__in=set(party_ids))
    return {
        party.id: party.organisation.name
        if party.kind == Party.Kind.ORGANISATION
        else {"ko": party.person.name, "en": party.person.name}
        for party in found
    }
