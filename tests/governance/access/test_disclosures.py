"""Auditors read within their call and time; many people's data takes a second person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from dure.accounts.acting import Actor
from dure.accounts.models import Person, RoleGrant
from dure.accounts.roles import Role
from dure.accounts.services import grant_role
from dure.core import clock
from governance.consent import services as consent
from governance.models import AccessNote, Disclosure, LogEntry
from tests.cast import actor, api, charlie, joon, kang, lim, mina, seo

pytestmark = pytest.mark.django_db
URL = "/api/v1/disclosures/"
WISH = {"scope": "air-daily", "reason": "동의 절차 감사"}


def decided(*people: Person, scope: str = "air-daily") -> None:
    notice = consent.publish_notice(
        acting=actor(kang()),
        scope=scope,
        purpose="city-ai",
        required=True,
        text={"ko": "고지", "en": "Notice"},
        retention_days=365,
    )
    for person in people:
        consent.decide(
            acting=actor(person),
            party_id=person.party_id,
            notice=notice,
            granted=True,
            language="ko",
        )


def asked() -> str:
    made = api(seo()).post(URL, WISH)
    assert made.status_code == 201, made.content
    return str(made["Location"])


def approved() -> str:
    path = asked()
    assert api(kang()).post(f"{path}approval/").status_code == 200
    return path


def until(moment: timedelta) -> None:
    RoleGrant.objects.filter(person=seo()).update(until=clock.now() + moment)


def test_two_persons_open_it_and_everybody_in_it_can_see_that() -> None:
    decided(mina(), joon())
    decided(charlie(), scope="noise")
    path = asked()
    assert api(seo()).get(path).status_code == 409
    assert api(seo()).post(f"{path}approval/").status_code == 403
    assert api(kang()).post(f"{path}approval/").status_code == 200
    shown = api(seo()).get(path).json()
    assert [row["state"] for row in shown["decisions"]] == ["given", "given"]
    assert len({row["party"] for row in shown["decisions"]}) == 2
    for person in (mina(), joon()):
        assert str(person.party_id) not in str(shown)
        (look,) = api(person).get("/api/v1/accesses/").json()["results"]
        assert (look["what"], look["role"]) == ("disclosure", "auditor")
    assert api(charlie()).get("/api/v1/accesses/").json()["results"] == []
    kinds = LogEntry.objects.filter(kind__startswith="disclosure.").order_by("origin_seq")
    assert [entry.kind for entry in kinds] == [
        "disclosure.asked",
        "disclosure.approved",
        "disclosure.opened",
    ]


def test_strangers_neighbours_and_staff_are_refused() -> None:
    decided(mina())
    path = approved()
    assert api().post(URL, WISH).status_code == 401
    assert api().get(path).status_code == 401
    assert api().post(f"{path}approval/").status_code == 401
    for other in (charlie(), kang(), lim()):
        assert api(other).post(URL, WISH).status_code == 403
        assert api(other).get(path).status_code == 404
    assert api(charlie()).post(f"{path}approval/").status_code == 403
    assert not AccessNote.objects.exists()


def test_an_auditor_whose_time_is_over_is_refused_everywhere() -> None:
    decided(mina())
    path = approved()
    until(timedelta(seconds=-1))
    auditor = api(seo())
    assert auditor.post(URL, WISH).status_code == 403
    assert auditor.get(path).status_code == 404
    assert not actor(Person.objects.get(id=seo().id)).has(Role.AUDITOR)
    until(timedelta(days=1))
    assert auditor.get(path).status_code == 200


def test_an_auditor_of_one_call_reads_no_other() -> None:
    RoleGrant.objects.filter(person=seo()).update(scope="noise")
    assert api(seo()).post(URL, WISH).status_code == 403
    assert api(seo()).post(URL, {**WISH, "scope": "noise"}).status_code == 201
    grant_role(acting=Actor.system("tests"), person=seo(), role=Role.AUDITOR, scope="air-daily")
    assert api(seo()).post(URL, WISH).status_code == 201


def test_a_disclosure_ends_after_thirty_days() -> None:
    decided(mina())
    path = approved()
    now = clock.now()
    Disclosure.objects.update(
        asked_at=now - timedelta(days=40),
        approved_at=now - timedelta(days=31),
        until=now - timedelta(days=1),
    )
    assert api(seo()).get(path).status_code == 410


def test_who_asked_cannot_approve_even_as_an_approver() -> None:
    grant_role(acting=Actor.system("tests"), person=seo(), role=Role.APPROVER)
    path = asked()
    answer = api(seo()).post(f"{path}approval/")
    assert (answer.status_code, answer.json()["type"]) == (
        403,
        "/developers/errors/disclosure-own/",
    )
    now = clock.now()
    with pytest.raises(IntegrityError, match="two_persons"), transaction.atomic():
        Disclosure.objects.update(approved_by=seo(), approved_at=now, until=now + timedelta(1))
    assert api(seo()).post(URL, {**WISH, "reason": " "}).status_code == 400


def test_the_database_wants_an_end_for_every_auditor() -> None:
    with (
        pytest.raises(IntegrityError, match="role_of_auditor_ends"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE accounts_rolegrant SET until = NULL WHERE person_id = %s", [seo().id]
        )
