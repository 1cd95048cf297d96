"""Opening an account, confirming its address, coming back without a password, forgetting one."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.test import Client

from dure.accounts.models import Party, Person
from dure.accounts.roles import Role
from dure.accounts.services import sweep_unconfirmed
from dure.core.clock import now
from tests import cast
from tests.portal.accounts.letterbox import code_to, subjects_to

pytestmark = pytest.mark.django_db

NEW = "nari@dure.example"
FIELDS = {"name": "Nari", "email": NEW, "password1": "three quiet herons", "age": "14"}


@pytest.fixture
def client() -> Client:
    return Client(headers={"Accept-Language": "en"})


def sign_up(client: Client, **changes: str) -> Client:
    answer = client.post("/en/signup/", {**FIELDS, **changes})
    assert answer.status_code == 302, answer.content.decode()
    assert answer["Location"] == "/en/signup/confirm/"
    return client


def signed_in_as(client: Client) -> str:
    return str(client.session.get("_auth_user_id", ""))


def test_an_account_opens_when_its_address_is_confirmed(client: Client) -> None:
    sign_up(client)
    person = Person.objects.get(email=NEW)
    assert not EmailAddress.objects.get(user=person).verified
    assert signed_in_as(client) == ""
    answer = client.post("/en/signup/confirm/", {"code": code_to(NEW)})
    assert answer.status_code == 302
    assert signed_in_as(client) == str(person.id)
    assert EmailAddress.objects.get(user=person).verified
    assert person.has_role(Role.RESIDENT)
    assert person.language == "en"
    assert person.said_born_on is None


def test_the_first_page_says_that_the_address_is_confirmed(client: Client) -> None:
    sign_up(client)
    answer = client.post("/en/signup/confirm/", {"code": code_to(NEW)}, follow=True)
    assert answer.redirect_chain[-1][0] == "/en/"
    assert 'role="status"' in answer.content.decode()
    assert 'role="status"' not in client.get("/en/").content.decode()


def test_what_is_missing_is_named_and_leads_to_its_field(client: Client) -> None:
    page = client.post("/en/signup/", {}).content.decode()
    assert '<a href="#id_name">Enter a name.</a>' in page
    assert '<a href="#id_age_0">Choose one of the two.</a>' in page
    assert 'id="id_age_0"' in page


def test_the_letter_is_korean_on_korean_pages(client: Client) -> None:
    client.post("/signup/", FIELDS)
    assert subjects_to(NEW) == ["이메일 주소를 확인해 주십시오"]
    assert 'lang="ko"' in mail.outbox[0].message().as_string()
    assert "두레 · data@dure.example" in str(mail.outbox[0].body)
    # The code follows the words that announce it, ahead of what else the letter says.
    assert re.match(r"[^\n]+:?\n\n {4}\S+\n\n", str(mail.outbox[0].body))
    sent = mail.outbox[0]
    assert isinstance(sent, mail.EmailMultiAlternatives)
    dressed = str(sent.alternatives[0][0])
    assert dressed.count("<p>", 0, dressed.index('<p class="code">')) == 1


def test_an_unconfirmed_account_cannot_be_signed_into(client: Client) -> None:
    sign_up(client)
    cache.clear()  # the next letter may only follow after ten seconds
    answer = Client().post("/en/login/", {"username": NEW, "password": FIELDS["password1"]})
    assert answer["Location"] == "/en/signup/confirm/"


def test_an_account_that_nobody_confirms_is_gone_after_seven_days(client: Client) -> None:
    sign_up(client, age="child", born_on="2015-05-05", guardian="parent@dure.example")
    people, parties = Person.objects.count(), Party.objects.count()
    Person.objects.filter(email=NEW).update(created_at=now() - timedelta(days=6))
    assert sweep_unconfirmed() == 0
    Person.objects.update(created_at=now() - timedelta(days=8))
    assert (sweep_unconfirmed(), sweep_unconfirmed()) == (1, 0)
    assert not Person.objects.filter(email=NEW).exists()
    assert (Person.objects.count(), Party.objects.count()) == (people - 1, parties - 1)


def test_a_wrong_code_confirms_nothing_and_three_end_it(client: Client) -> None:
    sign_up(client)
    for _attempt in range(2):
        answer = client.post("/en/signup/confirm/", {"code": "XXXX-YYYY"})
        assert answer.status_code == 422
        assert "<title>Error: " in answer.content.decode()
    client.post("/en/signup/confirm/", {"code": "XXXX-YYYY"})
    client.post("/en/signup/confirm/", {"code": code_to(NEW)})
    assert signed_in_as(client) == ""


def test_a_code_expires(client: Client) -> None:
    with time_machine.travel("2026-11-20T09:00:00Z", tick=False) as clock:
        sign_up(client)
        clock.shift(16 * 60)
        client.post("/en/signup/confirm/", {"code": code_to(NEW)})
        assert signed_in_as(client) == ""


def test_signing_up_does_not_tell_who_has_an_account(client: Client) -> None:
    mina = cast.mina()
    fresh, known = Client(), Client()
    answers = [
        one.post("/en/signup/", {**FIELDS, "email": email})
        for one, email in ((fresh, NEW), (known, mina.email.upper()))
    ]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert len({answer["Location"] for answer in answers}) == 1
    pages = [
        one.get("/en/signup/confirm/").content.decode().replace(email, "…")
        for one, email in ((fresh, NEW), (known, mina.email))
    ]
    assert _without_tokens(pages[0]) == _without_tokens(pages[1])
    assert subjects_to(mina.email) == ["You already have an account"]
    assert Person.objects.filter(email=mina.email).count() == 1


def _without_tokens(page: str) -> str:
    return re.sub(r'value="[A-Za-z0-9]{64}"', "", page)


def test_an_account_without_a_password_signs_in_by_code(client: Client) -> None:
    sign_up(client, password1="")
    client.post("/en/signup/confirm/", {"code": code_to(NEW)})
    person = Person.objects.get(email=NEW)
    assert not person.has_usable_password()
    later = Client()
    assert later.post("/en/login/code/", {"email": NEW}).status_code == 302
    before = later.session.session_key
    later.post("/en/login/code/confirm/", {"code": code_to(NEW)})
    assert signed_in_as(later) == str(person.id)
    assert later.session.session_key != before


def test_a_code_to_sign_in_works_once_and_only_where_it_was_asked_for(client: Client) -> None:
    mina = cast.mina()
    client.post("/en/login/code/", {"email": mina.email})
    code = code_to(mina.email)
    thief = Client()
    thief.post("/en/login/code/confirm/", {"code": code})
    assert signed_in_as(thief) == ""
    client.post("/en/login/code/confirm/", {"code": code})
    assert signed_in_as(client) == str(mina.id)
    client.post("/en/logout/")
    client.post("/en/login/code/confirm/", {"code": code})
    assert signed_in_as(client) == ""


def test_asking_for_a_code_does_not_tell_who_has_an_account() -> None:
    mina = cast.mina()
    known, unknown = Client(), Client()
    answers = [
        one.post("/en/login/code/", {"email": email})
        for one, email in ((known, mina.email), (unknown, "nobody@dure.example"))
    ]
    assert [(a.status_code, a["Location"]) for a in answers] == [
        (302, "/en/login/code/confirm/")
    ] * 2
    assert subjects_to("nobody@dure.example") == ["There is no account with this address"]


def test_a_forgotten_password_is_replaced_and_other_sessions_end(client: Client) -> None:
    mina = cast.mina()
    old = cast.log_in(Client(), mina)
    client.post("/en/recovery/", {"email": mina.email})
    client.post("/en/recovery/code/", {"code": code_to(mina.email)})
    new = "four patient herons"
    answer = client.post("/en/recovery/password/", {"password1": new, "password2": new})
    assert answer.status_code == 302
    mina.refresh_from_db()
    assert mina.check_password(new)
    assert old.get("/en/me/").status_code == 302
    assert "Your password was replaced by a new one" in subjects_to(mina.email)


def test_recovery_answers_alike_for_addresses_nobody_has(client: Client) -> None:
    known, unknown = Client(), Client()
    answers = [
        one.post("/en/recovery/", {"email": email})
        for one, email in ((known, cast.mina().email), (unknown, "nobody@dure.example"))
    ]
    assert [(a.status_code, a["Location"]) for a in answers] == [(302, "/en/recovery/code/")] * 2
    assert unknown.post("/en/recovery/code/", {"code": "ABCD-EFGH"}).status_code == 422


def test_signing_up_says_what_is_missing(client: Client) -> None:
    answer = client.post("/en/signup/", {"email": "no address", "password1": "short"})
    page = answer.content.decode()
    assert answer.status_code == 422
    for text in (
        "Enter a name.", "Enter an e-mail address such as", "at least 10 characters",
        "Choose one of the two.",
    ):  # fmt: skip
        assert text in page
    assert not Person.objects.filter(name="Nari").exists()


def test_markup_in_a_name_stays_text(client: Client) -> None:
    sign_up(client, name="<script>alert(1)</script>")
    client.post("/en/signup/confirm/", {"code": code_to(NEW)})
    page = client.get("/en/").content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_letters_lie_where_the_page_says_in_a_trial_city_only(
    client: Client, settings: pytest.FixtureRequest
) -> None:
    sign_up(client)
    assert "This city is a trial" in client.get("/en/signup/confirm/").content.decode()
    settings.SECURE = True  # type: ignore[attr-defined]
    assert "This city is a trial" not in client.get("/en/signup/confirm/").content.decode()


def test_somebody_without_a_password_takes_their_data_after_signing_in_lately(
    client: Client,
) -> None:
    with time_machine.travel("2029-11-20T09:00:00Z", tick=False) as clock:
        sign_up(client, password1="")
        client.post("/en/signup/confirm/", {"code": code_to(NEW)})
        client.post("/en/logout/")
        clock.shift(60)
        client.post("/en/login/code/", {"email": NEW})
        client.post("/en/login/code/confirm/", {"code": code_to(NEW)})
        assert 'name="password"' not in client.get("/en/me/rights/").content.decode()
        clock.shift(11 * 60)
        answer = client.post("/en/me/rights/", {})
        assert answer.status_code in (403, 422)
        assert "within ten minutes" in answer.content.decode()
        client.post("/en/logout/")
        client.post("/en/login/code/", {"email": NEW})
        client.post("/en/login/code/confirm/", {"code": code_to(NEW)})
        assert client.post("/en/me/rights/", {}).status_code == 302
