"""The demo city is founded through the services, once, and its logins work."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from rest_framework.test import APIClient

from contributions.models import Call, ReferencePopulation
from demo import calls, people
from demo.city import found_city
from demo.logins import write_logins
from dure.accounts.models import ApiKey, Membership, Organisation, Person
from dure.accounts.roles import Role
from governance.models import LogEntry

pytestmark = pytest.mark.django_db


def test_founding_twice_founds_one_city() -> None:
    first, counts = found_city(), _counts()
    second = found_city()
    assert first.founded_now
    assert not second.founded_now
    assert _counts() == counts
    assert {handle: person.id for handle, person in first.persons.items()} == {
        handle: person.id for handle, person in second.persons.items()
    }


def _counts() -> list[int]:
    models = (Person, Organisation, Membership, Call, ReferencePopulation, LogEntry)
    return [model.objects.count() for model in models]


def test_every_call_is_published_by_one_operator_and_approved_by_another() -> None:
    city = found_city()
    assert city.calls == list(calls.SLUGS)
    for call in Call.objects.all():
        assert call.published is not None
        assert call.published.proposer == city.persons["kang"]
        assert call.published.approver == city.persons["lim"]


def test_residents_are_verified_and_employees_belong_to_their_firm() -> None:
    city = found_city()
    mina = city.persons["mina"]
    assert (mina.district, mina.birth_year, mina.sex) == ("11320", 1992, "F")
    hanbit = Membership.objects.get(person=city.persons["hana"]).organisation
    assert hanbit == city.firms["hanbit"]


def test_the_logins_have_the_promised_shape_and_are_nobody_elses_to_read(tmp_path: Path) -> None:
    target = tmp_path / "var" / "demo.json"
    write_logins(found_city(), url="http://127.0.0.1:8000", target=target)
    document = json.loads(target.read_text(encoding="utf-8"))
    assert set(document) == {"url", "people", "calls"}
    assert document["calls"] == list(calls.SLUGS)
    for person in document["people"]:
        assert set(person) == {"role", "name", "email", "password", "api_key"}
    roles = [person["role"] for person in document["people"]]
    assert set(roles) == {role.value for role in Role}
    assert roles.count("operator") == 2
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_keys_that_work_are_kept_and_others_replaced(tmp_path: Path) -> None:
    target = tmp_path / "demo.json"
    city = found_city()
    first = write_logins(city, url="http://x", target=target)
    issued = ApiKey.objects.count()
    assert write_logins(city, url="http://x", target=target) == first
    assert ApiKey.objects.count() == issued
    ApiKey.objects.filter(person=city.persons["mina"]).update(revoked_at="2026-11-22T00:00:00Z")
    again = write_logins(city, url="http://x", target=target)
    assert again["people"][0]["api_key"] != first["people"][0]["api_key"]
    assert again["people"][1] == first["people"][1]


def test_a_file_of_logins_that_cannot_be_read_is_written_anew(tmp_path: Path) -> None:
    target = tmp_path / "demo.json"
    target.write_text("{")
    assert write_logins(found_city(), url="http://x", target=target)["calls"]
    assert json.loads(target.read_text(encoding="utf-8"))["url"] == "http://x"


def test_password_and_key_open_the_door(tmp_path: Path) -> None:
    document = write_logins(found_city(), url="http://x", target=tmp_path / "demo.json")
    mina = document["people"][0]
    assert Client().login(username=mina["email"], password=people.DEMO_PASSWORD)
    api = APIClient()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {mina['api_key']}")
    assert api.get("/api/v1/wallet/").status_code == 200
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {mina['api_key'][:-1]}")
    assert api.get("/api/v1/wallet/").status_code in {401, 403}


def test_no_demo_is_built_where_a_real_city_is_served(settings: pytest.FixtureRequest) -> None:
    settings.SECURE = True  # type: ignore[attr-defined]  # pytest-django's settings wrapper
    with pytest.raises(CommandError, match="real city"):
        call_command("demo")
    assert not Person.objects.exists()
