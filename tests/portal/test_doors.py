"""Who may see what: strangers log in first, neighbours find nothing, staff have the console."""

from __future__ import annotations

import pytest
from django.test import Client

from tests import cast
from tests.portal import city

pytestmark = pytest.mark.django_db

PUBLIC = [
    "/", "/calls/", "/transparency/", "/transparency/settlements/", "/log/", "/algorithms/",
    "/developers/", "/developers/errors/", "/developers/errors/not-found/", "/help/", "/privacy/",
    "/accessibility/", "/login/",
]  # fmt: skip
PERSONAL = ["/c/", "/wallet/", "/me/consents/"]


@pytest.mark.parametrize("language", ["", "/en"])
@pytest.mark.parametrize("address", PUBLIC)
def test_public_pages_open_to_anybody_in_both_languages(
    client: Client, address: str, language: str
) -> None:
    answer = client.get(f"{language}{address}")
    assert answer.status_code == 200
    page = answer.content.decode()
    assert page.count("<h1") == 1
    assert f'<html lang="{"en" if language else "ko"}">' in page


@pytest.mark.parametrize("address", [*PERSONAL, "/console/", f"/contribute/{city.SLUG}/where/"])
def test_a_stranger_is_asked_to_log_in_and_comes_back(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 302
    assert answer["Location"] == f"/login/?next={address}"


@pytest.mark.parametrize("address", PERSONAL)
def test_a_resident_sees_the_own_pages(client: Client, address: str) -> None:
    assert cast.log_in(client, cast.mina()).get(address).status_code == 200


@pytest.mark.parametrize("page", ["", "progress/", "why/", "withdrawal/"])
def test_a_neighbour_finds_no_contribution_of_others(client: Client, page: str) -> None:
    city.open_call()
    receipt = city.contribution_of(cast.mina()).receipt
    address = f"/c/{receipt}/{page}"
    assert client.get(address).status_code == 302
    assert cast.log_in(client, cast.joon()).get(address).status_code == 404
    assert client.get(f"/c/D-2026-00000000/{page}").status_code == 404


def test_a_neighbour_cannot_withdraw_for_others(client: Client) -> None:
    city.open_call()
    contribution = city.contribution_of(cast.mina())
    consent = cast.mina().party.consents.get()
    cast.log_in(client, cast.joon())
    assert client.post(f"/c/{contribution.receipt}/withdrawal/").status_code == 404
    assert client.post(f"/me/consents/{consent.id}/withdrawal/").status_code == 404
    contribution.refresh_from_db()
    assert contribution.state != "withdrawn"
    assert consent.state == "given"


def test_the_console_does_not_exist_for_residents(client: Client) -> None:
    cast.log_in(client, cast.charlie())
    assert client.get("/console/").status_code == 404
    assert client.post(f"/console/epochs/{city.SLUG}/closing/").status_code == 404
    assert client.post("/console/reports/", {"period": "2026-q4"}).status_code == 404


def test_operators_have_the_console_in_their_menu(client: Client) -> None:
    page = cast.log_in(client, cast.kang()).get("/en/console/").content.decode()
    assert 'aria-current="page">Console</a>' in page


@pytest.mark.parametrize("address", ["/nothing/", "/log/999999/", "/calls/none/", "/algorithms/x/"])
def test_what_does_not_exist_says_so_in_both_languages(client: Client, address: str) -> None:
    korean, english = client.get(address), client.get(f"/en{address}")
    assert (korean.status_code, english.status_code) == (404, 404)
    assert "찾으시는 화면이 없습니다" in korean.content.decode()
    assert "There is no such page" in english.content.decode()


def test_the_address_of_a_form_says_that_nothing_was_sent(client: Client) -> None:
    """Where somebody lands who logs in again in the middle of a form."""
    city.open_call()
    made = city.contribution_of(cast.mina())
    cast.log_in(client, cast.mina())
    for address, said in (("/c/", "양식을 받기만"), ("/en/c/", "only receives a form")):
        answer = client.get(f"{address}{made.receipt}/rows/")
        assert (answer.status_code, answer["Allow"]) == (405, "POST")
        assert said in answer.content.decode()
    assert client.delete("/api/v1/calls/")["Content-Type"] == "application/problem+json"


def test_a_link_never_leads_to_another_site_after_logging_in(client: Client) -> None:
    person = cast.mina()
    answer = client.post(
        "/login/",
        {"username": person.email, "password": cast.PASSWORD, "next": "https://elsewhere.example/"},
    )
    assert answer.status_code == 302
    assert answer["Location"] == "/"


def test_a_wrong_password_says_what_to_do_and_keeps_the_address(client: Client) -> None:
    answer = client.post("/en/login/", {"username": "nobody@dure.example", "password": "x"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Error: Log in – Dure</title>" in page
    assert 'role="alert"' in page
    assert 'value="nobody@dure.example"' in page


def test_logging_out_needs_a_post(client: Client) -> None:
    cast.log_in(client, cast.mina())
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/").status_code == 302
    assert client.get("/c/").status_code == 302


def test_the_language_link_keeps_the_page(client: Client) -> None:
    city.open_call()
    korean = client.get(f"/calls/{city.SLUG}/").content.decode()
    english = client.get("/en/log/?kind=consent.given").content.decode()
    assert f'<a href="/en/calls/{city.SLUG}/" lang="en" hreflang="en">English</a>' in korean
    assert '<a href="/log/?kind=consent.given" lang="ko" hreflang="ko">한국어</a>' in english


@pytest.mark.parametrize(
    ("language", "heading"), [("", "유효 시간이 지났습니다"), ("/en", "The form is out of date")]
)
def test_a_form_that_is_out_of_date_says_so_on_a_page_of_ours(language: str, heading: str) -> None:
    strict = cast.log_in(Client(enforce_csrf_checks=True), cast.mina())
    answer = strict.post(f"{language}/me/letters/", {})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert heading in page
    assert page.count("<h1") == 1
    assert "CSRF" not in page
