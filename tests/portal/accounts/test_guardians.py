"""A child under 14 opens an account; its guardian confirms by e-mail and decides."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client

from contributions.models import Contribution
from dure.accounts import guardians
from dure.accounts.guardianship import GuardianInvitation, Guardianship
from dure.accounts.invitations import (
    invitations_to,
    name_guardian,
    sweep_invitations,
    waiting_invitation,
)
from dure.accounts.models import Person
from dure.core.clock import now
from dure.core.outbox import drain
from dure.core.problems import Problem
from portal.letters.post import send_waiting
from tests import cast
from tests.portal import city
from tests.portal.accounts.letterbox import code_to, subjects_to

pytestmark = pytest.mark.django_db

HARU = "haru@dure.example"
FIELDS = {
    "name": "Haru",
    "email": HARU,
    "password1": "three quiet herons",
    "age": "child",
    "born_on": "2016-05-31",
    "guardian": "Mina@dure.example",
}


def open_account(client: Client, **changes: str) -> Person:
    answer = client.post("/en/signup/", {**FIELDS, **changes})
    assert answer.status_code == 302, answer.content.decode()
    client.post("/en/signup/confirm/", {"code": code_to(HARU)})
    return Person.objects.get(email=HARU)


def letters_go_out() -> None:
    drain()
    send_waiting()


def confirmed_child() -> tuple[Client, Person, Client]:
    """Haru, whose guardian Mina has confirmed."""
    mina = cast.log_in(Client(), cast.mina())
    client = Client()
    haru = open_account(client)
    letters_go_out()
    invitation = GuardianInvitation.objects.get()
    mina.post(f"/en/me/guardianships/invitations/{invitation.id}/confirmation/")
    return client, haru, mina


def test_the_guardian_gets_a_letter_only_when_the_child_confirmed_its_own_address() -> None:
    cast.mina()
    client = Client()
    client.post("/en/signup/", FIELDS)
    letters_go_out()
    assert subjects_to("mina@dure.example") == []
    client.post("/en/signup/confirm/", {"code": code_to(HARU)})
    letters_go_out()
    letters_go_out()
    assert subjects_to("mina@dure.example") == ["Haru asks you to be their guardian here"]


def test_the_guardian_confirms_and_decides_and_the_child_contributes() -> None:
    city.open_call()
    client, haru, mina = confirmed_child()
    assert guardians.is_guardian(cast.mina(), haru.party_id)
    assert not GuardianInvitation.objects.exists()
    base = f"/en/contribute/{city.SLUG}"
    client.post(f"{base}/where/", {"party": str(haru.party_id)})
    client.post(f"{base}/file/", {"file": city.csv_file("2026-11-01,11320,31")})
    assert client.post(f"{base}/consent/", {"purpose": ["city-ai"]}).status_code == 422
    assert not Contribution.objects.exists()

    guardianship = Guardianship.objects.get()
    page = mina.get(f"/en/me/children/{guardianship.id}/").content.decode()
    assert "Deciding for Haru" in page
    # What a contributor reads before agreeing, a guardian reads too.
    text = " ".join(re.sub("<[^>]+>", " ", page).split())
    assert re.search("Notice version 1 · kept for [0-9]", text)
    assert "Required" in text
    assert "Optional" in text
    notice = page.split('name="notice" value="')[1].split('"')[0]
    answer = mina.post(
        "/en/me/consents/decision/",
        {"notice": notice, "party": str(haru.party_id), "recipient": "", "decision": "agree"},
    )
    assert answer.status_code == 302
    answer = client.post(f"{base}/consent/", {"purpose": ["city-ai"]})
    assert answer.status_code == 302, answer.content.decode()
    assert Contribution.objects.get().party_id == haru.party_id


def test_a_guardian_who_says_no_leaves_nothing_behind() -> None:
    mina = cast.log_in(Client(), cast.mina())
    haru = open_account(Client())
    invitation = GuardianInvitation.objects.get()
    page = mina.get("/en/me/consents/").content.decode()
    assert "Haru named your e-mail address" in page
    mina.post(f"/en/me/guardianships/invitations/{invitation.id}/end/")
    assert not GuardianInvitation.objects.exists()
    assert not Guardianship.objects.filter(child=haru).exists()


def test_strangers_and_the_child_itself_cannot_answer() -> None:
    cast.mina()
    child = Client()
    open_account(child)
    invitation = GuardianInvitation.objects.get()
    path = f"/en/me/guardianships/invitations/{invitation.id}/confirmation/"
    assert Client().post(path).status_code == 302
    assert cast.log_in(Client(), cast.joon()).post(path).status_code == 404
    assert child.post(path).status_code == 404
    assert not Guardianship.objects.exists()


def test_strangers_see_no_child() -> None:
    _client, _haru, _mina = confirmed_child()
    guardianship = Guardianship.objects.get()
    path = f"/en/me/children/{guardianship.id}/"
    assert cast.log_in(Client(), cast.joon()).get(path).status_code == 404
    assert Client().get(path).status_code == 302


def test_an_address_that_nobody_answers_for_is_destroyed_after_five_days() -> None:
    with time_machine.travel("2026-11-20T09:00:00Z", tick=False) as clock:
        cast.mina()
        open_account(Client())
        invitation = GuardianInvitation.objects.get()
        clock.shift(timedelta(days=5, minutes=1))
        assert waiting_invitation(invitation.id) is None
        assert invitations_to(cast.mina()) == []
        assert sweep_invitations() == 1
        assert sweep_invitations() == 0
        assert not GuardianInvitation.objects.exists()


def test_a_child_is_under_fourteen_by_its_own_word_and_no_longer_once_it_has_grown() -> None:
    with time_machine.travel("2026-11-20T09:00:00Z", tick=False) as clock:
        cast.mina()
        haru = open_account(Client())
        assert guardians.is_under_fourteen(haru.party_id)
        clock.move_to("2030-05-31T00:00:00+09:00")
        assert not guardians.is_under_fourteen(haru.party_id)
        sweep_invitations()
        haru.refresh_from_db()
        assert haru.said_born_on is None


def test_a_child_can_name_another_address_but_not_flood_one() -> None:
    with time_machine.travel("2029-11-20T09:00:00Z", tick=False) as clock:
        client = Client()
        haru = open_account(client)
        page = client.get("/en/me/guardian/").content.decode()
        assert "We have written to mina@dure.example" in page
        answer = client.post("/en/me/guardian/", {"email": "joon@dure.example"})
        assert answer.status_code == 422
        clock.shift(timedelta(hours=11, minutes=59))
        answer = client.post("/en/me/guardian/", {"email": "joon@dure.example"})
        assert answer.status_code == 422
        with pytest.raises(Problem):
            name_guardian(acting=cast.actor(haru), child=haru, guardian_email="x@dure.example")
    with time_machine.travel("2029-11-20T21:01:00Z", tick=False):
        cache.clear()
        client = cast.log_in(Client(), haru)
        for wrong in (HARU, "no address", "x" * 300 + "@dure.example", ""):
            assert client.post("/en/me/guardian/", {"email": wrong}).status_code == 422
        assert client.post("/en/me/guardian/", {"email": "joon@dure.example"}).status_code == 302
        letters_go_out()
        assert subjects_to("joon@dure.example") == ["Haru asks you to be their guardian here"]


def test_a_child_cannot_name_a_guardian_for_another() -> None:
    haru = open_account(Client())
    for other in (cast.joon(), cast.mina()):
        with pytest.raises(Problem):
            name_guardian(acting=cast.actor(other), child=haru, guardian_email="evil@dure.example")


def test_adults_have_no_page_of_limits() -> None:
    assert cast.log_in(Client(), cast.mina()).get("/en/me/guardian/").status_code == 404


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"born_on": ""}, "we need your date of birth"),
        ({"born_on": "1990-01-01"}, "not that of somebody under 14"),
        ({"born_on": "2099-01-01"}, "not that of somebody under 14"),
        ({"born_on": "yesterday"}, "Write the date as"),
        ({"guardian": ""}, "we need the address of your guardian"),
        ({"guardian": HARU}, "not your own"),
    ],
)
def test_what_a_child_tells_is_checked(changes: dict[str, str], text: str) -> None:
    answer = Client().post("/en/signup/", {**FIELDS, **changes})
    assert answer.status_code == 422
    assert text in answer.content.decode()


def test_what_an_adult_need_not_tell_is_not_kept() -> None:
    Client().post("/en/signup/", {**FIELDS, "age": "14"})
    person = Person.objects.get(email=HARU)
    assert person.said_born_on is None
    assert not GuardianInvitation.objects.exists()


def test_the_database_keeps_one_address_in_small_letters_for_a_child() -> None:
    haru = open_account(Client())
    with pytest.raises(IntegrityError), transaction.atomic():
        GuardianInvitation.objects.create(child=cast.joon(), guardian_email="Big@dure.example")
    with pytest.raises(IntegrityError), transaction.atomic():
        GuardianInvitation.objects.create(child=haru, guardian_email="two@dure.example")


def test_a_known_child_is_no_guardian() -> None:
    haru = open_account(Client())
    other = Person.objects.get(id=cast.joon().id)
    other.said_born_on = date(now().year - 8, 1, 1)
    other.save()
    cache.clear()
    GuardianInvitation.objects.filter(child=haru).update(guardian_email=other.email)
    invitation = GuardianInvitation.objects.get()
    path = f"/en/me/guardianships/invitations/{invitation.id}/confirmation/"
    assert cast.log_in(Client(), other).post(path).status_code == 404
