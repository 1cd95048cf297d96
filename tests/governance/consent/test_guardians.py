"""A child under 14 consents through its guardian, and by its own word from 14 on."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from dure.accounts import guardians
from dure.accounts.acting import Actor
from dure.accounts.ages import reaches, surely_reached
from dure.accounts.guardianship import Guardianship
from dure.accounts.models import Person
from dure.accounts.services import create_person
from dure.core import clock, outbox
from dure.core.problems import Problem
from governance.consent import endings, selectors, services
from governance.consent.receipt import receipt_document
from governance.models import Consent, LogEntry, Notice
from tests.cast import actor, api, charlie, joon, kang, log_in, mina

pytestmark = pytest.mark.django_db
BORN = date(2015, 5, 5)


def child(birth_year: int | None = 2015) -> Person:
    return create_person(
        acting=Actor.system("tests"),
        email="haru@dure.example",
        name="Haru",
        password="a plain test password",
        birth_year=birth_year,
    )


def notice() -> Notice:
    return services.publish_notice(
        acting=actor(kang()),
        scope="air-daily",
        purpose="city-ai",
        required=True,
        text={"ko": "연구에 이용합니다.", "en": "Used for research."},
        retention_days=3650,
    )


def decide(who: Person, about: Person, *, granted: bool = True) -> Consent:
    return services.decide(
        acting=actor(who),
        party_id=about.party_id,
        notice=notice(),
        granted=granted,
        language="ko",
    )


def in_force(person: Person) -> Consent | None:
    return selectors.in_force(party_id=person.party_id, scope="air-daily", purpose="city-ai")


def linked(haru: Person, born: date = BORN) -> Guardianship:
    asked = guardians.ask_guardian(
        acting=actor(haru), child=haru, guardian_email=mina().email, child_born_on=born
    )
    assert asked is not None
    return guardians.confirm_guardianship(acting=actor(mina()), guardianship_id=asked.id)


@pytest.mark.parametrize(
    ("born", "moment"),
    [
        (date(2015, 5, 5), datetime(2029, 5, 4, 15, tzinfo=UTC)),
        (date(2012, 2, 29), datetime(2026, 2, 28, 15, tzinfo=UTC)),
        (date(2013, 1, 1), datetime(2026, 12, 31, 15, tzinfo=UTC)),
        (date(2014, 3, 1), datetime(2028, 2, 29, 15, tzinfo=UTC)),
    ],
)
def test_a_child_is_fourteen_at_midnight_in_seoul(born: date, moment: datetime) -> None:
    assert reaches(14, born) == moment
    assert surely_reached(14, born.year) >= moment


def test_a_child_cannot_consent_by_itself_but_can_refuse() -> None:
    haru = child()
    with pytest.raises(Problem, match="guardian-needed"):
        decide(haru, haru)
    assert decide(haru, haru, granted=False).state == "refused"
    answer = api(haru).post("/api/v1/consents/", {"notice": str(notice().id), "granted": True})
    assert (answer.status_code, answer.json()["type"]) == (
        403,
        "/developers/errors/guardian-needed/",
    )
    assert in_force(haru) is None


def test_the_guardian_decides_and_withdraws_for_the_child() -> None:
    haru = child()
    linked(haru)
    consent = decide(mina(), haru)
    assert in_force(haru) == consent
    assert consent.latest.decided_by == "guardian"
    text = json.dumps(receipt_document(consent), ensure_ascii=False)
    assert "guardian" in text
    assert f"{consent.id}#guardian" in text
    for personal in (mina().name, mina().email, str(mina().party_id), str(mina().id)):
        assert personal not in text
    services.withdraw(acting=actor(mina()), consent=consent)
    assert in_force(haru) is None
    assert (consent.latest.state, consent.latest.ground) == ("revoked", "guardian")
    again = decide(mina(), haru)
    assert in_force(haru) == again
    services.withdraw(acting=actor(haru), consent=again)
    assert in_force(haru) is None


def test_nobody_but_the_guardian_decides_for_a_child() -> None:
    haru = child()
    asked = guardians.ask_guardian(
        acting=actor(haru), child=haru, guardian_email=mina().email, child_born_on=BORN
    )
    assert asked is not None
    for stranger in (charlie(), joon(), kang(), mina()):
        with pytest.raises(Problem, match="consent-unknown"):
            decide(stranger, haru)
    for stranger in (charlie(), haru):
        with pytest.raises(Problem, match="guardian-unknown"):
            guardians.confirm_guardianship(acting=actor(stranger), guardianship_id=asked.id)
    guardians.confirm_guardianship(acting=actor(mina()), guardianship_id=asked.id)
    decide(mina(), haru)
    guardians.decline_guardianship(acting=actor(mina()), guardianship_id=asked.id)
    with pytest.raises(Problem, match="consent-unknown"):
        decide(mina(), haru)


def test_a_guardian_is_an_adult_whose_age_is_verified() -> None:
    haru = child()
    for unfit in (charlie().email, "nobody@dure.example", haru.email):
        asked = guardians.ask_guardian(
            acting=actor(haru), child=haru, guardian_email=unfit, child_born_on=BORN
        )
        assert asked is None
    assert not Guardianship.objects.exists()
    for born in (date(2010, 1, 1), date(2014, 5, 5), date(2099, 1, 1)):
        with pytest.raises(Problem, match="not-a-child"):
            guardians.ask_guardian(
                acting=actor(haru), child=haru, guardian_email=mina().email, child_born_on=born
            )
    with pytest.raises(Problem, match="guardian-unknown"):
        guardians.ask_guardian(
            acting=actor(mina()), child=haru, guardian_email=mina().email, child_born_on=BORN
        )


def test_what_the_guardian_decided_ends_as_the_child_turns_fourteen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    haru = child()
    linked(haru)
    consent = decide(mina(), haru)
    birthday = reaches(14, BORN)
    assert consent.latest.valid_until == birthday
    later = birthday + timedelta(seconds=1)
    before = birthday - timedelta(seconds=1)
    for module in (clock, guardians):
        monkeypatch.setattr(module, "now", lambda: before)
    assert in_force(haru) == consent
    assert endings.expire_consents() == 0
    for module in (clock, guardians):
        monkeypatch.setattr(module, "now", lambda: later)
    assert in_force(haru) is None
    with pytest.raises(Problem, match="consent-unknown"):
        decide(mina(), haru)
    own = decide(haru, haru)
    assert in_force(haru) == own
    states = list(own.events.values_list("state", "ground", "decided_by"))
    assert states == [
        ("given", "", "guardian"),
        ("expired", "turned-14", "platform"),
        ("given", "", "self"),
    ]
    assert guardians.sweep_guardianships() == 1
    assert Guardianship.objects.get().ended_at == birthday


def test_a_request_that_nobody_confirms_is_destroyed_after_five_days(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    haru = child()
    asked = guardians.ask_guardian(
        acting=actor(haru), child=haru, guardian_email=mina().email, child_born_on=BORN
    )
    assert asked is not None
    assert guardians.sweep_guardianships() == 0
    later = clock.now() + timedelta(days=5, minutes=1)
    monkeypatch.setattr(guardians, "now", lambda: later)
    with pytest.raises(Problem, match="guardian-unknown"):
        guardians.confirm_guardianship(acting=actor(mina()), guardianship_id=asked.id)
    assert guardians.sweep_guardianships() == 1
    assert not Guardianship.objects.exists()


def test_a_guardian_confirms_signed_in_and_not_by_a_key(client: Client) -> None:
    haru = child()
    wish = {"guardian_email": mina().email, "child_born_on": "2015-05-05"}
    assert api().post("/api/v1/guardianships/", wish).status_code == 401
    # Known, unknown, asked before: a child cannot tell which address has an account.
    nobody = {**wish, "guardian_email": "nobody@dure.example"}
    answers = [api(haru).post("/api/v1/guardianships/", each) for each in (wish, nobody, wish)]
    assert {(answer.status_code, answer.content) for answer in answers} == {(202, b"")}
    path = f"/api/v1/guardianships/{Guardianship.objects.get().id}/confirmation/"
    assert api(mina()).post(path).status_code == 404
    assert api(charlie()).get("/api/v1/guardianships/").json()["results"] == []
    log_in(client, charlie())
    assert client.post(path).status_code == 404
    log_in(client, mina())
    assert client.post(path).json()["state"] == "confirmed"
    outbox.drain()
    assert LogEntry.objects.filter(kind="guardianship.confirmed").count() == 1
    decision = {"notice": str(notice().id), "granted": True, "party": str(haru.party_id)}
    answer = client.post("/api/v1/consents/", decision, content_type="application/json")
    assert answer.status_code == 201, answer.content
    assert answer.json()["events"][0]["by"] == "guardian"
    seen = client.get("/api/v1/consents/").json()["results"]
    assert [row["party"] for row in seen] == [str(haru.party_id)]
    end = path.replace("confirmation", "end")
    assert client.post(end).status_code == 204
    assert client.get("/api/v1/consents/").json()["results"] == []
