"""Objecting to a decision through the portal."""

from __future__ import annotations

import pytest
from django.test import Client

from governance.models import Objection
from tests import cast
from tests.portal import city

pytestmark = pytest.mark.django_db


@pytest.fixture
def address() -> str:
    city.open_call()
    return f"/en/c/{city.contribution_of(cast.mina()).receipt}/objection/"


def test_an_objection_is_received_once_and_shows_its_date(client: Client, address: str) -> None:
    cast.log_in(client, cast.mina())
    sent = {"subject": "contribution", "text": "<i>Row 3</i> was right."}
    assert client.post(address, sent)["Location"] == address
    page = client.get(address).content.decode()
    assert "Waiting for an answer" in page
    assert "Answer due by" in page
    assert "&lt;i&gt;Row 3&lt;/i&gt; was right." in page
    again = client.post(address, sent)
    assert again.status_code == 422
    assert "You have objected to this decision already" in again.content.decode()
    assert Objection.objects.count() == 1


def test_what_waits_for_an_answer_is_not_offered_again(client: Client, address: str) -> None:
    cast.log_in(client, cast.mina())
    client.post(address, {"subject": "reward", "text": "Too little."})
    page = client.get(address).content.decode()
    assert 'value="reward"' not in page
    assert 'value="contribution" checked' in page
    client.post(address, {"subject": "contribution", "text": "Row 3 was right."})
    assert "<textarea" not in client.get(address).content.decode()
    # Written in another tab meanwhile: refused, with every word still there.
    late = client.post(address, {"subject": "reward", "text": "Much too little."})
    assert late.status_code == 422
    assert "Much too little." in late.content.decode()


def test_an_empty_objection_says_where_the_text_is_missing(client: Client, address: str) -> None:
    answer = cast.log_in(client, cast.mina()).post(address, {"subject": "reward", "text": " "})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert '<a href="#text">' in page
    assert 'aria-invalid="true"' in page


def test_a_made_up_subject_is_refused_and_the_text_kept(client: Client, address: str) -> None:
    sent = {"subject": "weather", "text": "Too rainy."}
    answer = cast.log_in(client, cast.mina()).post(address, sent)
    assert answer.status_code == 422
    assert "Too rainy." in answer.content.decode()


def test_nobody_objects_for_another(client: Client, address: str) -> None:
    assert client.post(address, {"text": "x"})["Location"].startswith("/en/login/")
    cast.log_in(client, cast.joon())
    assert client.get(address).status_code == 404
    assert client.post(address, {"subject": "reward", "text": "x"}).status_code == 404
    assert not Objection.objects.exists()
