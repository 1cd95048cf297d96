"""The second step, recovery codes, changing the address, signing out everywhere."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client, override_settings

from dure.accounts.models import Person
from dure.core.clock import now
from tests import cast
from tests.portal.accounts.letterbox import code_to, subjects_to

pytestmark = pytest.mark.django_db

START = "2026-11-20T09:00:00Z"


def log_in(person: Person, client: Client | None = None) -> Client:
    client = client or Client()
    client.post("/en/login/", {"username": person.email, "password": cast.PASSWORD})
    return client


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def confirmed(client: Client, path: str) -> None:
    """Enter the password once more, as the page asks before it lets something change."""
    answer = client.post(f"/en/me/signin/once-more/?next={path}", {"password": cast.PASSWORD})
    assert answer.status_code == 302


def with_app(person: Person) -> tuple[Client, str]:
    """A session of somebody who just set up an app, and the app's key."""
    client = log_in(person)
    answer = client.get("/en/me/signin/app/")
    assert answer["Location"].startswith("/en/me/signin/once-more/")
    confirmed(client, "/en/me/signin/app/")
    page = client.get("/en/me/signin/app/").content.decode()
    found = re.search(r"<code>([A-Z2-7]+)</code>", page)
    assert found
    # A phone cannot photograph its own screen: it opens the key in its app by a link.
    assert re.search(rf'<a href="otpauth://totp/[^"]*secret={found[1]}&amp;', page)
    answer = client.post("/en/me/signin/app/", {"code": shown(found[1])})
    assert answer.status_code == 302, answer.content.decode()
    return client, found[1]


def shown(key: str) -> str:
    """What an app shows at this moment, RFC 6238."""
    return str(format_hotp_value(hotp_value(key, int(now().timestamp()) // 30)))


def test_an_app_is_asked_for_after_the_password() -> None:
    mina = cast.mina()
    with time_machine.travel(START, tick=False) as clock:
        _client, key = with_app(mina)
        clock.shift(60)
        client = log_in(mina)
        assert not signed_in(client)
        assert client.post("/en/login/second-step/", {"code": "000000"}).status_code == 422
        assert not signed_in(client)
        client.post("/en/login/second-step/", {"code": shown(key)})
        assert signed_in(client)


def test_a_code_of_the_app_works_once_for_as_long_as_it_holds() -> None:
    mina = cast.mina()
    with time_machine.travel(START, tick=False) as clock:
        _client, key = with_app(mina)
        clock.shift(60)
        code = shown(key)
        log_in(mina).post("/en/login/second-step/", {"code": code})
        for seconds in (0, 31, 20):
            clock.shift(seconds)
            thief = log_in(mina)
            assert thief.post("/en/login/second-step/", {"code": code}).status_code == 422
            assert not signed_in(thief)


def test_the_key_of_an_app_rests_encrypted() -> None:
    _client, key = with_app(cast.mina())
    for row in Authenticator.objects.all():
        assert key not in str(row.data)


def test_a_recovery_code_works_once() -> None:
    mina = cast.mina()
    client, _key = with_app(mina)
    page = client.get("/en/me/signin/codes/").content.decode()
    codes = re.findall(r"<code>(\d{8})</code>", page)
    assert len(codes) == 10
    first = log_in(mina)
    first.post("/en/login/second-step/", {"code": codes[0]})
    assert signed_in(first)
    again = log_in(mina)
    assert again.post("/en/login/second-step/", {"code": codes[0]}).status_code == 422
    assert codes[0] not in client.get("/en/me/signin/codes/file/").content.decode()


def test_guessing_codes_is_stopped() -> None:
    mina = cast.mina()
    with time_machine.travel(START, tick=False) as clock:
        _client, key = with_app(mina)
        clock.shift(60)
        client = log_in(mina)
        for guess in range(12):
            client.post("/en/login/second-step/", {"code": f"{guess:06}"})
        client.post("/en/login/second-step/", {"code": shown(key)})
        assert not signed_in(client)


def test_guessing_a_password_is_stopped_but_not_for_its_owner_elsewhere() -> None:
    mina = cast.mina()
    thief = Client(REMOTE_ADDR="198.51.100.7")
    for guess in range(6):
        thief.post(
            "/en/login/",
            {"username": mina.email, "password": f"wrong {guess}"},
            # A sender's own claim of where they are is not believed.
            headers={"X-Forwarded-For": f"203.0.113.{guess}"},
        )
    answer = thief.post("/en/login/", {"username": mina.email, "password": cast.PASSWORD})
    assert answer.status_code == 422
    assert "Too many attempts" in answer.content.decode()
    assert not signed_in(thief)
    assert signed_in(log_in(mina, Client(REMOTE_ADDR="192.0.2.1")))


def test_a_wrong_password_and_an_unknown_address_answer_alike() -> None:
    answers = [
        Client().post("/en/login/", {"username": email, "password": "not the one"})
        for email in (cast.mina().email, "nobody@dure.example")
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    for answer in answers:
        assert "do not fit together" in answer.content.decode()


def test_signing_in_goes_on_to_where_one_wanted_to_go_and_nowhere_else() -> None:
    mina = cast.mina()
    told = {"username": mina.email, "password": cast.PASSWORD}
    answer = Client().post("/en/login/", {**told, "next": "/en/wallet/"})
    assert answer["Location"] == "/en/wallet/"
    for elsewhere in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        answer = Client().post("/en/login/", {**told, "next": elsewhere})
        assert answer["Location"] == "/en/"


def test_a_session_gets_a_new_name_at_every_step() -> None:
    client = Client()
    client.get("/en/login/")
    names = set()
    mina = cast.mina()
    log_in(mina, client)
    names.add(client.session.session_key)
    client.post("/en/logout/")
    log_in(mina, client)
    names.add(client.session.session_key)
    assert len(names) == 2


def test_signing_out_everywhere_ends_every_session_and_no_key() -> None:
    mina = cast.mina()
    api = cast.api(mina)
    here, there = log_in(mina), log_in(mina)
    stranger = log_in(cast.joon())
    assert here.get("/en/me/signin/everywhere/").status_code == 405
    here.post("/en/me/signin/everywhere/")
    assert here.get("/en/me/").status_code == 302
    assert there.get("/en/me/").status_code == 302
    assert stranger.get("/en/me/").status_code == 200
    assert api.get("/api/v1/wallet/").status_code == 200


def test_an_address_changes_when_the_new_one_is_confirmed() -> None:
    mina = cast.mina()
    client = log_in(mina)
    old, new = mina.email, "mina.new@dure.example"
    confirmed(client, "/en/me/signin/address/")
    client.post("/en/me/signin/address/", {"email": new, "action_add": ""})
    mina.refresh_from_db()
    assert mina.email == old
    client.post("/en/signup/confirm/", {"code": code_to(new)})
    mina.refresh_from_db()
    assert mina.email == new
    assert [row.email for row in EmailAddress.objects.filter(user=mina)] == [new]
    assert "The e-mail address of your account was changed" in subjects_to(old)


def test_nobody_takes_an_address_that_belongs_to_another() -> None:
    mina, joon = cast.mina(), cast.joon()
    client = log_in(mina)
    confirmed(client, "/en/me/signin/address/")
    client.post("/en/me/signin/address/", {"email": joon.email, "action_add": ""})
    # Even with the code, which only Joon can read.
    client.post("/en/signup/confirm/", {"code": code_to(joon.email)})
    mina.refresh_from_db()
    assert mina.email == "mina@dure.example"
    assert EmailAddress.objects.get(email=joon.email, verified=True).user == joon


def test_strangers_and_neighbours_are_kept_out() -> None:
    with_app(cast.mina())
    for path in ("", "address/", "password/", "app/", "codes/", "passkeys/", "passkeys/new/"):
        answer = Client().get(f"/en/me/signin/{path}")
        assert answer.status_code == 302
        assert "/login/" in answer["Location"]
    row = Authenticator.objects.filter(user=cast.mina()).first()
    assert row is not None
    joon = log_in(cast.joon())
    confirmed(joon, "/en/me/signin/")
    for action in ("name", "end"):
        assert joon.post(f"/en/me/signin/passkeys/{row.pk}/{action}/").status_code == 404


def test_staff_set_up_a_second_step_before_they_work_where_the_city_asks_for_it(
    settings: pytest.FixtureRequest,
) -> None:
    settings.STAFF_SECOND_STEP = True  # type: ignore[attr-defined]
    kang = log_in(cast.kang())
    assert kang.get("/en/console/")["Location"] == "/en/me/signin/"
    assert "Your work here needs a second step" in kang.get("/en/me/signin/").content.decode()
    lim, _key = with_app(cast.lim())
    assert lim.get("/en/console/").status_code == 200
    assert "needs a second step" not in log_in(cast.mina()).get("/en/me/signin/").content.decode()


def test_what_an_administrator_opens_has_the_same_door() -> None:
    answer = Client().get("/admin/login/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/")


def test_the_app_shows_the_city_under_the_name_that_the_portal_has() -> None:
    """Somebody with codes of several platforms finds ours by its name."""
    person = cast.mina()
    browser = log_in(person)
    confirmed(browser, "/en/me/signin/app/")
    page = browser.get("/en/me/signin/app/").content.decode()
    assert "issuer=Dure" in page
    page = browser.get("/me/signin/app/").content.decode()
    assert f"issuer={quote('두레')}" in page
    with override_settings(ORGANISATION="Saebit City"):
        page = browser.get("/me/signin/app/").content.decode()
        assert f"issuer={quote('Saebit City')}" in page
