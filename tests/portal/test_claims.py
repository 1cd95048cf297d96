"""The code on the page on which somebody leaves, and the public page on which it is claimed."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.core.cache import caches
from django.test import Client

from dure.core.outbox import drain
from governance.erasure.services import resume
from governance.models import RightsRequest
from portal.letters import post
from rewards.models import ClaimCode, Redemption
from rewards.tasks import care_for_unclaimed
from tests.cast import PASSWORD, joon, log_in, mina
from tests.rewards.money import wallet
from tests.rewards.wallet.test_leaving import granted

pytestmark = pytest.mark.django_db(transaction=True)
CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{5}(?:-[0-9A-HJKMNP-TV-Z]{5}){4}")


@pytest.fixture(autouse=True)
def _nobody_tried_before() -> None:
    caches["default"].clear()


def test_mina_leaves_notes_her_code_and_claims_without_an_account(client: Client) -> None:
    wallet(mina(), 40, "KRW")
    log_in(client, mina())
    page = "/en/me/claim-code/"
    assert "You have not asked to be erased" in client.get(page).content.decode()
    assert client.post(page).status_code == 409
    sent = {"sure": "yes", "password": PASSWORD, "wish": "wait"}
    assert client.post("/en/me/rights/erasure/", sent)["Location"] == page
    before = client.get(page)
    assert CODE.search(before.content.decode()) is None, "only a press of the button shows one"
    shown = client.post(page)
    assert "no-store" in shown["Cache-Control"]
    found = CODE.search(shown.content.decode())
    assert found is not None
    assert CODE.search(client.get(page).content.decode()) is None, "nobody can show it again"
    assert ClaimCode.objects.count() == 1
    granted(RightsRequest.objects.get())
    drain()
    assert post.send_waiting() == 1
    assert "/claim/" in str(mail.outbox[-1].body), "the last letter says where the code is of use"
    assert found[0] not in str(mail.outbox[-1].body)
    assert resume() == 1
    care_for_unclaimed()
    stranger = Client()
    form = {"code": "x", "bank": "088", "destination": "110-312-345678", "holder": "Kim Mina"}
    wrong = stranger.post("/en/claim/", form)
    assert wrong.status_code == 422
    assert "No amount waits behind this code" in wrong.content.decode()
    empty = stranger.post("/en/claim/", {**form, "bank": "", "destination": "abc", "holder": ""})
    text = empty.content.decode()
    assert 'href="#id_bank"' in text
    assert "Write the number in digits." in text
    right = stranger.post("/en/claim/", {**form, "code": found[0].lower()})
    assert right["Location"] == "/en/claim/"
    seen = stranger.get("/en/claim/").content.decode()
    assert "40 won goes to the account" in seen
    assert 'name="code"' not in seen, "nothing is there to be sent a second time"
    assert 'name="code"' in stranger.get("/en/claim/").content.decode()
    assert Redemption.objects.get().state == "held"


def test_who_gives_the_balance_away_is_offered_no_code(client: Client) -> None:
    wallet(joon(), 40, "KRW")
    log_in(client, joon())
    sent = {"sure": "yes", "password": PASSWORD, "wish": "fund"}
    assert client.post("/en/me/rights/erasure/", sent)["Location"] == "/en/me/rights/"
    answer = client.post("/en/me/claim-code/")
    assert answer.status_code == 409
    assert "A code is for whoever asked to be erased" in answer.content.decode()


def test_too_many_tries_from_one_place_are_turned_away(
    client: Client, settings: pytest.FixtureRequest
) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "claim": "1/hour"}  # type: ignore[attr-defined]
    form = {"code": "x", "bank": "088", "destination": "110312345678", "holder": "Kim Mina"}
    assert client.post("/en/claim/", form).status_code == 422
    late = client.post("/en/claim/", form)
    assert late.status_code == 429
    assert "Try again in an hour." in late.content.decode()
