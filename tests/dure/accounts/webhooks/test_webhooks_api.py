"""Hanbit's program keeps its webhooks over HTTP; nobody else's program reaches them."""

from __future__ import annotations

from uuid import uuid4

import pytest

from dure.accounts import services
from dure.accounts.api_key_services import issue_api_key
from dure.accounts.models import WebhookAttempt, WebhookEndpoint, WebhookMessage
from dure.core.clock import now
from tests import cast
from tests.dure.accounts.webhooks.test_delivery import KIND, _happened

pytestmark = pytest.mark.django_db
PATH = "/api/v1/webhooks/"
WISH = {"url": "http://127.0.0.1:9/dure", "kinds": [KIND]}


@pytest.fixture(autouse=True)
def _on_this_machine(settings: pytest.FixtureRequest) -> None:
    settings.WEBHOOK_LOOPBACK = True  # type: ignore[attr-defined]  # pytest-django's wrapper


def test_an_endpoint_is_added_listed_and_removed() -> None:
    hana = cast.api(cast.hana(), cast.hanbit())
    answer = hana.post(PATH, WISH, format="json")
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert made["secret"].startswith("whsec_")
    assert answer["Location"] == f"{PATH}{made['id']}/"
    (listed,) = hana.get(PATH).json()["results"]
    assert listed == {name: value for name, value in made.items() if name != "secret"}
    assert (listed["state"], listed["kinds"]) == ("active", [KIND])
    assert hana.get(answer["Location"]).json() == listed
    assert hana.delete(answer["Location"]).status_code == 204
    assert hana.get(PATH).json()["results"] == []
    assert hana.get(answer["Location"]).status_code == 404
    assert WebhookEndpoint.objects.get().removed_at is not None


def test_what_was_sent_is_read_with_its_attempts_and_sent_again() -> None:
    hana = cast.api(cast.hana(), cast.hanbit())
    made = hana.post(PATH, WISH, format="json").json()
    _happened()
    message = WebhookMessage.objects.get()
    WebhookAttempt.objects.create(
        message=message, number=1, at=now(), status=503, outcome="refused", latency_ms=12
    )
    WebhookMessage.objects.update(state="failed", ended_at=now(), tries=1)
    (sent,) = hana.get(f"{PATH}{made['id']}/messages/").json()["results"]
    assert (sent["state"], sent["next_at"], sent["body"]["type"]) == ("failed", None, KIND)
    assert sent["attempts"][0]["status"] == 503
    answer = hana.post(f"{PATH}{made['id']}/messages/{sent['id']}/redelivery/")
    assert answer.status_code == 202
    assert answer.json()["state"] == "waiting"
    assert answer.json()["webhook_id"] == sent["webhook_id"] == f"msg_{message.id.hex}"
    WebhookEndpoint.objects.update(disabled_at=now(), disabled_for="gone")
    answer = hana.post(f"{PATH}{made['id']}/messages/{sent['id']}/redelivery/")
    assert answer.status_code == 409
    assert hana.get(f"{PATH}{made['id']}/").json()["state"] == "disabled"


def test_a_wrong_address_or_an_unknown_kind_is_named() -> None:
    hana = cast.api(cast.hana(), cast.hanbit())
    for wish, field in (
        ({**WISH, "url": "http://example.com/"}, "url"),
        ({**WISH, "kinds": []}, "kinds"),
        ({**WISH, "kinds": ["no.such"]}, "kinds"),
        ({"kinds": [KIND]}, "url"),
    ):
        answer = hana.post(PATH, wish, format="json")
        assert answer.status_code in (400, 422), wish
        assert answer.json()["errors"][0]["field"] == field
    assert not WebhookEndpoint.objects.exists()


def test_strangers_and_neighbours_are_refused() -> None:
    made = cast.api(cast.hana(), cast.hanbit()).post(PATH, WISH, format="json").json()
    _happened()
    message = WebhookMessage.objects.get()
    neighbour = services.create_organisation(
        acting=cast._DIRECTOR, name={"ko": "이웃 상회", "en": "Neighbour"}
    )
    services.add_member(acting=cast._DIRECTOR, organisation=neighbour, person=cast.charlie())
    neighbours = cast.api(cast.charlie(), neighbour)
    addresses = (
        ("get", f"{PATH}{made['id']}/"),
        ("get", f"{PATH}{made['id']}/messages/"),
        ("post", f"{PATH}{made['id']}/messages/{message.id}/redelivery/"),
        ("delete", f"{PATH}{made['id']}/"),
    )
    for method, address in addresses:
        assert getattr(cast.api(), method)(address).status_code == 401, address
        for client in (neighbours, cast.api(cast.mina()), cast.api(cast.kang())):
            foreign = getattr(client, method)(address)
            unknown = getattr(client, method)(address.replace(made["id"], str(uuid4())))
            assert (foreign.status_code, unknown.status_code) == (404, 404), address
            assert foreign.json()["title"] == unknown.json()["title"]
    assert cast.api().get(PATH).status_code == 401
    assert neighbours.get(PATH).json()["results"] == []
    # A message of another endpoint is not reached through one's own.
    own = neighbours.post(PATH, WISH, format="json").json()
    answer = neighbours.post(f"{PATH}{own['id']}/messages/{message.id}/redelivery/")
    assert answer.status_code == 404
    foreign = {**WISH, "organisation": str(cast.hanbit().id)}
    assert neighbours.post(PATH, foreign, format="json").status_code == 404
    assert cast.api(cast.mina()).post(PATH, WISH, format="json").status_code == 403
    assert WebhookEndpoint.objects.get(id=made["id"]).removed_at is None


def test_a_key_needs_the_scope() -> None:
    hana = cast.hana()
    client = cast.api()
    _key, secret = issue_api_key(
        acting=cast.actor(hana),
        person=hana,
        organisation=cast.hanbit(),
        scopes=["webhooks:read"],
    )
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    assert client.get(PATH).status_code == 200
    assert client.post(PATH, WISH, format="json").status_code == 403
