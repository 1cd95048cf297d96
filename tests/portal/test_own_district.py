"""What one's own district earns, before anybody signs in; how it works; how the service stands."""

from __future__ import annotations

import pytest
from django.test import Client

from contributions.selectors.calls import call_document, open_version
from governance import integrity
from portal.public.cards import call_card
from tests import cast
from tests.portal import city

pytestmark = pytest.mark.django_db


def choose(client: Client, district: str, page: str = "/en/calls/") -> None:
    answer = client.get("/en/district/", {"district": district, "next": page})
    assert answer["Location"] == page


def test_a_chosen_district_shows_its_reward_and_multiplier_without_an_account() -> None:
    city.open_call()
    client = Client()
    assert "A record from" not in client.get(f"/en/calls/{city.SLUG}/").content.decode()
    choose(client, "11320", f"/en/calls/{city.SLUG}/")
    document = call_document(open_version(city.SLUG))
    row = next(one for one in document["strata"] if one["key"] == "11320")
    card = call_card(document, district="11320")
    assert card.own is not None
    assert str(card.own.low) == str(card.own.high) == row["price"]
    page = client.get(f"/en/calls/{city.SLUG}/").content.decode()
    assert "A record from Dobong-gu" in page
    assert card.own.multiplier in page
    for address in ("/en/", "/en/calls/", "/calls/"):
        assert card.own.multiplier in client.get(address).content.decode()


def test_a_card_tells_how_much_of_the_target_is_there() -> None:
    city.open_call()
    city.contribution_of(cast.mina())
    document = call_document(open_version(city.SLUG))
    card = call_card(document)
    assert card.collected is not None
    first = document["strata"][0]["dimension"]
    rows = [row for row in document["strata"] if row["dimension"] == first]
    assert card.collected.have == sum(int(row["have"]) for row in rows)
    assert card.collected.target == sum(int(row["target"]) for row in rows)
    page = Client().get("/en/calls/").content.decode()
    figures = f"{card.collected.have_text} of {card.collected.target_text} full-quality records"
    assert figures in page
    assert call_card({**document, "strata": []}).collected is None


def test_a_choice_can_be_taken_back_and_a_made_up_one_is_none() -> None:
    city.open_call()
    client = Client()
    choose(client, "11320")
    assert "Rewards are shown for Dobong-gu" in client.get("/en/calls/").content.decode()
    for nonsense in ("", "99999", "<script>", "1" * 5000):
        choose(client, nonsense)
        assert "Rewards are shown for" not in client.get("/en/calls/").content.decode()
    client.cookies["dure_district"] = "'; DROP TABLE"
    assert client.get("/en/calls/").status_code == 200


def test_the_choice_leads_to_no_other_place() -> None:
    for elsewhere in ("https://evil.example/", "//evil.example", "javascript:alert(1)", ""):
        answer = Client().get("/en/district/", {"district": "11320", "next": elsewhere})
        assert answer["Location"] == "/en/calls/"


def test_a_verified_district_is_shown_to_its_owner_alone() -> None:
    city.open_call()
    mina = cast.log_in(Client(), cast.mina())
    assert "Rewards are shown for Dobong-gu" in mina.get("/en/calls/").content.decode()
    assert "Rewards are shown for" not in Client().get("/en/calls/").content.decode()


def test_the_status_page_says_what_the_checks_say(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Client().get("/en/status/").content.decode()
    for part in ("Public log", "Ledger", "Answers due by law", "Checking of contributions"):
        assert part in page
    assert Client().get("/status/").status_code == 200


def test_a_failing_check_is_not_called_well(monkeypatch: pytest.MonkeyPatch) -> None:
    failing = {"outbox": lambda: {"ok": False, "lag_seconds": 9000}}
    monkeypatch.setattr(integrity, "integrity_checks", failing)
    page = Client().get("/en/status/").content.decode()
    assert "One or more parts need attention." in page
    assert "All parts work." not in page


@pytest.mark.parametrize("address", ["how", "help", "privacy", "accessibility", "status"])
def test_every_page_of_words_has_its_text_in_both_languages(address: str) -> None:
    korean = Client().get(f"/{address}/").content.decode()
    english = Client().get(f"/en/{address}/").content.decode()
    assert korean.count("<h1>") == english.count("<h1>") == 1
    assert len(korean) > 3000
    assert 'lang="ko"' in korean
    assert 'lang="en"' in english
