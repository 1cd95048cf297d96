"""A session that ends in the middle of a form: what was typed is there when its writer is back."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from dure.accounts.models import Person
from governance.models import Proposal
from portal.public import unsent
from tests import cast

PEOPLE = "/en/console/people/"
REASON = "Because <b>the council</b> asked for it."

pytestmark = pytest.mark.django_db


def logged_in(client: Client, person: Person) -> str:
    """Log in through the form, as people do; answers where that leads."""
    answer = client.post(
        "/en/login/?next=/en/unsent/", {"username": person.email, "password": cast.PASSWORD}
    )
    assert answer.status_code == 302, answer.content
    return str(answer["Location"])


def proposed() -> dict[str, str]:
    return {"change": "grant", "role": "auditor", "until": "2099-01-31", "note": REASON}


def test_what_kang_typed_is_sent_after_logging_in_again() -> None:
    kang, charlie = Client(), cast.charlie()
    cast.kang()
    address = f"{PEOPLE}{charlie.id}/"
    away = kang.post(address, proposed(), HTTP_REFERER=f"http://testserver{address}")
    assert away["Location"] == "/en/login/?next=/en/unsent/"
    assert "What you typed is kept" in kang.get(away["Location"]).content.decode()
    assert logged_in(kang, cast.kang()) == "/en/unsent/"
    page = kang.get("/en/unsent/").content.decode()
    assert "Because &lt;b&gt;the council&lt;/b&gt; asked for it." in page
    assert '<input type="hidden" name="until" value="2099-01-31">' in page
    assert f'<a href="{address}">' in page
    again = kang.post("/en/unsent/", proposed())
    assert (again.status_code, again["Location"]) == (307, address)
    assert not Proposal.objects.exists(), "the browser sends it, not we"
    assert kang.post(address, proposed()).status_code == 302
    assert Proposal.objects.get().details["role"] == "auditor"
    assert kang.get("/en/unsent/")["Location"] == "/en/", "it is kept no longer"


def test_it_can_be_thrown_away() -> None:
    kang, charlie = Client(), cast.charlie()
    address = f"{PEOPLE}{charlie.id}/"
    kang.post(address, proposed(), HTTP_REFERER=f"http://testserver{address}")
    logged_in(kang, cast.kang())
    thrown = kang.post("/en/unsent/", {"unsent": "discard"})
    assert thrown["Location"] == address
    assert kang.get("/en/unsent/")["Location"] == "/en/"
    assert not Proposal.objects.exists()


def test_nobody_reads_it_without_the_browser_and_nobody_after_an_hour(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kang, charlie = Client(), cast.charlie()
    kang.post(f"{PEOPLE}{charlie.id}/", proposed())
    (session,) = Session.objects.all()
    assert "council" not in str(session.get_decoded()), "sealed where it lies"
    logged_in(kang, cast.kang())
    key = kang.cookies.pop("unsent")
    assert kang.get("/en/unsent/")["Location"] == "/en/", "no other browser opens it"
    other = Client()
    other.post(f"{PEOPLE}{charlie.id}/", proposed())
    logged_in(other, cast.kang())
    assert other.get("/en/unsent/").status_code == 200
    other.cookies["unsent"] = key.value
    assert other.get("/en/unsent/")["Location"] == "/en/", "nor does another key"
    late = Client()
    late.post(f"{PEOPLE}{charlie.id}/", proposed())
    logged_in(late, cast.kang())
    monkeypatch.setattr(unsent, "LIFE_S", -1)
    assert late.get("/en/unsent/")["Location"] == "/en/"


def test_passwords_and_what_nobody_types_by_hand_are_not_kept() -> None:
    kang, charlie = Client(), cast.charlie()
    kang.post(f"{PEOPLE}{charlie.id}/", proposed() | {"password": "horse battery"})
    logged_in(kang, cast.kang())
    assert "horse battery" not in kang.get("/en/unsent/").content.decode()
    huge = Client().post(f"{PEOPLE}{uuid4()}/", {"note": "x" * 200_000})
    assert "unsent" not in huge["Location"]
    assert "unsent" not in huge.cookies


def test_few_are_kept_for_one_address(settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "unsent": "2/hour"}
    kept = ["unsent" in Client().post(PEOPLE, {"email": "a@b.example"})["Location"] for _n in "123"]
    assert kept == [True, True, False]


def test_strangers_learn_nothing_from_it_and_neither_do_residents() -> None:
    assert Client().get("/en/unsent/")["Location"].startswith("/en/login/")
    mina = Client()
    mina.post(f"{PEOPLE}{cast.charlie().id}/", proposed())
    logged_in(mina, cast.mina())
    assert mina.get("/en/unsent/").status_code == 200, "it is hers"
    assert mina.post(f"{PEOPLE}{cast.charlie().id}/", proposed()).status_code == 404


def test_a_form_of_before_the_last_login_is_offered_again_where_it_is_ours() -> None:
    kang = Client(enforce_csrf_checks=True)
    cast.log_in(kang, cast.kang())
    address = f"{PEOPLE}{cast.charlie().id}/"
    ours = kang.post(address, proposed(), HTTP_ORIGIN="http://testserver")
    page = ours.content.decode()
    assert ours.status_code == 403
    assert "The form is out of date" in page
    assert f'<form method="post" action="{address}">' in page
    assert '<input type="hidden" name="role" value="auditor">' in page
    for origin in ("https://elsewhere.example", ""):
        theirs = kang.post(address, proposed(), headers={"Origin": origin} if origin else None)
        assert theirs.status_code == 403
        assert "auditor" not in theirs.content.decode(), "nothing of a stranger's form is shown"


def test_a_step_of_a_draft_that_was_not_sent_is_said_before_logging_in(client: Client) -> None:
    """The file was gone without a word: the page of logging in looked like any other."""
    address = "/en/contribute/anything/file/"
    answer = client.post(address, {"what": "ever"})
    assert answer["Location"] == f"/en/login/?next={address}"
    page = client.get(answer["Location"]).content.decode()
    assert "Your session had ended, so this page was not sent." in page
    assert "chosen once more" in page
    assert "session had ended" not in client.get(answer["Location"]).content.decode()
