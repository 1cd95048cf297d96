"""Hanbit's program hears of its contributions: signed, once for each event, tried until it ends."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core import mail
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from dure.accounts.membership import found_organisation
from dure.accounts.models import WebhookAttempt, WebhookEndpoint, WebhookMessage
from dure.accounts.webhooks import delivery, sending, services
from dure.accounts.webhooks.addresses import Unreachable, judged
from dure.core.clock import now
from dure.core.models import OutboxEvent
from dure.core.outbox import drain, publish
from dure.core.problems import Problem
from portal.letters.post import send_waiting
from tests import cast
from tests.dure.accounts.webhooks.listener import Listener, listening

pytestmark = pytest.mark.django_db
KIND = "contribution.accepted"


@pytest.fixture(autouse=True)
def _on_this_machine(settings: pytest.FixtureRequest) -> None:
    settings.WEBHOOK_LOOPBACK = True  # type: ignore[attr-defined]  # pytest-django's wrapper


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening(Listener()) as found:
        yield found


def _endpoint(listener: Listener) -> tuple[WebhookEndpoint, str]:
    return services.add_endpoint(
        acting=cast.actor(cast.hana()),
        organisation=cast.hanbit(),
        url=listener.url,
        kinds=[KIND],
    )


def _happened(party: uuid.UUID | None = None, **more: object) -> None:
    """A contribution is accepted, as far as the outbox knows."""
    with transaction.atomic():
        publish(
            kind=KIND,
            subject="D-2026-7K3M9QXA",
            payload={"party": str(party or cast.hanbit().party_id), "call": "air", **more},  # type: ignore[dict-item]  # JSON
        )
    drain()


def test_a_signed_message_reaches_the_program_and_the_independent_library_accepts_it(
    listener: Listener,
) -> None:
    _made, secret = _endpoint(listener)
    _happened(test=True)
    assert delivery.deliver_due() == 1
    (heard,) = listener.heard
    told = Webhook(secret).verify(heard.body, heard.headers)
    assert told["type"] == KIND
    assert told["data"] == {
        "receipt": "D-2026-7K3M9QXA",
        "call": "air",
        "test": True,
        "url": "/api/v1/contributions/D-2026-7K3M9QXA/",
    }
    message = WebhookMessage.objects.get()
    assert (message.state, message.attempts.get().status) == ("delivered", 200)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(heard.body.replace(b"air", b"rain"), heard.headers)
    assert delivery.deliver_due() == 0


def test_an_event_that_is_delivered_again_is_told_once(listener: Listener) -> None:
    _endpoint(listener)
    _happened()
    event = OutboxEvent.objects.get(kind=KIND)
    event.deliveries.all().delete()
    event.dispatched_at = None
    event.save()
    drain()
    assert WebhookMessage.objects.count() == 1
    stored = WebhookMessage.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        WebhookMessage.objects.create(
            endpoint=stored.endpoint, event=stored.event, kind=KIND, body="{}"
        )


def test_others_hear_nothing_of_it(listener: Listener) -> None:
    _endpoint(listener)
    _happened(cast.mina().party_id)
    assert not WebhookMessage.objects.exists()


def test_after_a_rotation_both_secrets_verify_for_a_day(listener: Listener) -> None:
    endpoint, old = _endpoint(listener)
    _changed, new = services.rotate_secret(acting=cast.actor(cast.hana()), endpoint_id=endpoint.id)
    _happened()
    delivery.deliver_due()
    for secret in (old, new):
        Webhook(secret).verify(listener.heard[0].body, listener.heard[0].headers)
    WebhookEndpoint.objects.update(old_secret_until=now())
    _happened()
    delivery.deliver_due()
    Webhook(new).verify(listener.heard[1].body, listener.heard[1].headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(listener.heard[1].body, listener.heard[1].headers)
    stored = str(WebhookEndpoint.objects.values().get())
    assert old not in stored
    assert new not in stored


def test_it_is_tried_again_with_longer_waits_and_given_up_in_the_end(listener: Listener) -> None:
    listener.statuses = [500]
    _endpoint(listener)
    _happened()
    waits: list[float] = []
    for _ in range(len(delivery.BACK_OFF) + 1):
        assert delivery.deliver_due() == 1
        assert delivery.deliver_due() == 0
        message = WebhookMessage.objects.get()
        waits.append((message.next_at - now()).total_seconds())
        WebhookMessage.objects.filter(state="waiting").update(next_at=now())
    assert message.state == "failed"
    assert waits[:-1] == sorted(waits[:-1])
    assert (
        sum(each.total_seconds() for each in delivery.BACK_OFF) > timedelta(days=3).total_seconds()
    )
    ids = {heard.headers["webhook-id"] for heard in listener.heard}
    assert (len(listener.heard), len(ids)) == (10, 1)
    numbers = list(WebhookAttempt.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, 11))


def test_a_message_is_sent_again_on_demand_under_its_own_id(listener: Listener) -> None:
    _endpoint(listener)
    _happened()
    delivery.deliver_due()
    message = WebhookMessage.objects.get()
    services.redeliver(acting=cast.actor(cast.hana()), message_id=message.id)
    assert delivery.deliver_due() == 1
    assert len({heard.headers["webhook-id"] for heard in listener.heard}) == 1
    assert message.attempts.count() == 2


def test_a_claim_that_ran_out_is_taken_over_and_its_first_holder_changes_nothing(
    listener: Listener,
) -> None:
    _endpoint(listener)
    _happened()
    message = WebhookMessage.objects.get()
    lost, moment = uuid.uuid4(), now()
    WebhookMessage.objects.update(claim=lost, lease_until=moment + timedelta(seconds=60))
    assert delivery.deliver_due() == 0
    WebhookMessage.objects.update(lease_until=moment - timedelta(seconds=1))
    assert delivery.deliver_due() == 1
    delivery._note(message.id, lost, moment, "refused", 500, 1)
    message.refresh_from_db()
    assert (message.state, message.attempts.count()) == ("delivered", 1)


def test_redirects_are_not_followed(listener: Listener) -> None:
    with listening(Listener()) as elsewhere:
        listener.statuses, listener.location = [307], elsewhere.url
        _endpoint(listener)
        _happened()
        delivery.deliver_due()
        assert elsewhere.heard == []
    assert WebhookAttempt.objects.get().outcome == "redirect-refused"


def test_an_endless_and_a_slow_answer_end(listener: Listener) -> None:
    target = judged(listener.url, loopback=True)
    listener.answer_bytes = 10 * 1024 * 1024
    with pytest.raises(Unreachable, match="answer-too-large"):
        sending.post(target, headers={}, body=b"{}")
    listener.drip_s = 0.2
    started = time.monotonic()
    with pytest.raises(Unreachable, match="timed-out"):
        sending.post(target, headers={}, body=b"{}", timeout_s=0.5)
    assert time.monotonic() - started < 5


def test_an_endpoint_that_fails_for_days_is_disabled_with_a_letter_to_the_owners(
    listener: Listener,
) -> None:
    listener.statuses = [503]
    endpoint, _secret = _endpoint(listener)
    _happened()
    delivery.deliver_due()
    WebhookEndpoint.objects.update(failing_since=now() - delivery.PATIENCE)
    WebhookMessage.objects.update(next_at=now())
    delivery.deliver_due()
    endpoint.refresh_from_db()
    assert endpoint.disabled_for == "failing"
    drain()
    send_waiting()
    assert [letter.to for letter in mail.outbox] == [["hana@dure.example"]]
    _happened()
    assert WebhookMessage.objects.count() == 1
    with pytest.raises(Problem, match="webhook-disabled"):
        services.try_endpoint(acting=cast.actor(cast.hana()), endpoint_id=endpoint.id)
    listener.statuses = [200]
    services.enable_endpoint(acting=cast.actor(cast.hana()), endpoint_id=endpoint.id)
    assert delivery.deliver_due() == 1
    endpoint.refresh_from_db()
    assert (endpoint.failing_since, endpoint.disabled_at) == (None, None)


def test_gone_disables_at_once(listener: Listener) -> None:
    listener.statuses = [410]
    endpoint, _secret = _endpoint(listener)
    _happened()
    delivery.deliver_due()
    endpoint.refresh_from_db()
    assert endpoint.disabled_for == "gone"


def test_a_name_that_turned_inward_is_refused_when_sending(
    listener: Listener, settings: pytest.FixtureRequest
) -> None:
    _endpoint(listener)
    _happened()
    settings.WEBHOOK_LOOPBACK = False  # type: ignore[attr-defined]  # pytest-django's wrapper
    delivery.deliver_due()
    assert listener.heard == []
    assert WebhookAttempt.objects.get().outcome in ("not-https", "inner-address")


def test_an_attempt_stands_and_goes_with_its_message_after_thirty_days(listener: Listener) -> None:
    _endpoint(listener)
    _happened()
    delivery.deliver_due()
    with pytest.raises(DatabaseError, match="stands"), transaction.atomic():
        WebhookAttempt.objects.update(status=200)
    WebhookMessage.objects.update(ended_at=now() - timedelta(days=31))
    assert delivery.sweep_messages() > 0
    assert not WebhookAttempt.objects.exists()


@pytest.mark.parametrize(
    ("url", "kinds", "code"),
    [
        ("http://10.0.0.1/", [KIND], "webhook-address"),
        ("https://169.254.169.254/latest/meta-data/", [KIND], "webhook-address"),
        ("nonsense", [KIND], "webhook-address"),
        ("http://127.0.0.1:9/", [], "invalid-request"),
        ("http://127.0.0.1:9/", ["made.up"], "invalid-request"),
    ],
)
def test_what_cannot_be_an_endpoint_is_refused(url: str, kinds: list[str], code: str) -> None:
    with pytest.raises(Problem, match=code):
        services.add_endpoint(
            acting=cast.actor(cast.hana()), organisation=cast.hanbit(), url=url, kinds=kinds
        )


def test_a_neighbour_finds_no_endpoint_and_no_message(client: Client, listener: Listener) -> None:
    endpoint, secret = _endpoint(listener)
    _happened()
    message = WebhookMessage.objects.get()
    charlie = cast.charlie()
    found_organisation(
        acting=cast.actor(charlie), name={"ko": "이웃", "en": "Neighbour"}, kind="firm"
    )
    pages = [
        f"/en/firm/webhooks/{endpoint.id}/",
        f"/en/firm/webhooks/{endpoint.id}/trial/",
        f"/en/firm/webhooks/{endpoint.id}/secret/",
        f"/en/firm/webhooks/{endpoint.id}/removal/",
        f"/en/firm/webhooks/messages/{message.id}/redelivery/",
    ]
    assert client.get(pages[0])["Location"].startswith("/en/login/")
    cast.log_in(client, charlie)
    assert client.get(pages[0]).status_code == 404
    assert [client.post(page).status_code for page in pages[1:]] == [404] * 4
    for change in (
        lambda: services.rotate_secret(acting=cast.actor(charlie), endpoint_id=endpoint.id),
        lambda: services.redeliver(acting=cast.actor(charlie), message_id=message.id),
        lambda: services.remove_endpoint(acting=cast.actor(charlie), endpoint_id=uuid.uuid4()),
    ):
        with pytest.raises(Problem, match="not-found"):
            change()
    cast.log_in(client, cast.hana())
    shown = client.get(pages[0]).content.decode()
    assert f"msg_{message.id.hex}" in shown
    assert secret not in shown


def test_the_secret_is_shown_once_and_the_attempts_are_on_the_page(
    client: Client, listener: Listener
) -> None:
    cast.log_in(client, cast.hana())
    made = client.post("/en/firm/webhooks/", {"url": listener.url, "kinds": [KIND]})
    assert "whsec_" in made.content.decode()
    assert "no-store" in made["Cache-Control"]
    assert "whsec_" not in client.get("/en/firm/webhooks/").content.decode()
    endpoint = WebhookEndpoint.objects.get()
    client.post(f"/en/firm/webhooks/{endpoint.id}/trial/")
    delivery.deliver_due()
    assert json.loads(listener.heard[0].body)["type"] == "endpoint.tried"
    page = client.get(f"/en/firm/webhooks/{endpoint.id}/").content.decode()
    assert json.dumps(json.loads(listener.heard[0].body)["data"])[1:-1].split(":")[
        0
    ] in page.replace("&quot;", '"')
    assert "Delivered" in page
    wrong = client.post("/en/firm/webhooks/", {"url": "https://10.0.0.1/", "kinds": [KIND]})
    assert wrong.status_code == 422
    assert "private network" in wrong.content.decode()
