"""The cast of every story: residents, a firm, an auditor, two operators and a stranger."""

from __future__ import annotations

from django.test import Client
from rest_framework.test import APIClient

from dure.accounts import services
from dure.accounts.acting import Actor
from dure.accounts.api_key_services import issue_api_key
from dure.accounts.models import Organisation, Person
from dure.accounts.roles import Role

PASSWORD = "a plain test password"
_DIRECTOR = Actor.system("tests")


def _person(
    name: str,
    *roles: Role,
    district: str = "",
    birth_year: int | None = None,
    sex: str = "",
    language: str = "ko",
) -> Person:
    email = f"{name.lower()}@dure.example"
    found = Person.objects.filter(email=email).first()
    return found or services.create_person(
        acting=_DIRECTOR,
        email=email,
        name=name,
        password=PASSWORD,
        language=language,
        roles=roles,
        district=district,
        birth_year=birth_year,
        sex=sex,
    )


def mina() -> Person:
    """A resident of Dobong-gu in her thirties."""
    return _person("Mina", Role.RESIDENT, district="11320", birth_year=1990, sex="F")


def joon() -> Person:
    """A resident of Gangnam-gu in his twenties."""
    return _person("Joon", Role.RESIDENT, district="11680", birth_year=2001, sex="M")


def hanbit() -> Organisation:
    """A firm that measures footfall."""
    found = Organisation.objects.filter(name_en="Hanbit").first()
    return found or services.create_organisation(
        acting=_DIRECTOR, name={"ko": "한빛", "en": "Hanbit"}
    )


def hana() -> Person:
    """Works at Hanbit."""
    person = _person("Hana")
    services.add_member(acting=_DIRECTOR, organisation=hanbit(), person=person)
    return person


def seo() -> Person:
    """An auditor."""
    return _person("Seo", Role.AUDITOR)


def kang() -> Person:
    """An operator who may also approve what others propose."""
    return _person("Kang", Role.OPERATOR, Role.APPROVER)


def lim() -> Person:
    """The other operator."""
    return _person("Lim", Role.OPERATOR, Role.APPROVER)


def charlie() -> Person:
    """Has an account and nothing to do with anybody's affairs."""
    return _person("Charlie", Role.RESIDENT)


def actor(person: Person) -> Actor:
    return Actor.for_person(person)


def api(person: Person | None = None, organisation: Organisation | None = None) -> APIClient:
    """A program with the person's key; without a person, a stranger's."""
    client = APIClient()
    if person is not None:
        _key, secret = issue_api_key(acting=_DIRECTOR, person=person, organisation=organisation)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def log_in(client: Client, person: Person) -> Client:
    client.force_login(person)
    return client
