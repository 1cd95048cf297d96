"""Messages on their way: claimed, tried, tried again later, and ended one way or the other.

The HTTP request runs outside of any transaction. A worker that dies in between leaves a claim that
runs out; the message is then sent again under the same ``webhook-id``, by which the other side
knows it. What came of an attempt is written once, by whoever holds the claim.
"""

from __future__ import annotations

import time
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from dure.accounts.models import WebhookAttempt, WebhookEndpoint, WebhookMessage
from dure.accounts.webhooks import sending, signing
from dure.accounts.webhooks.addresses import Unreachable, judged
from dure.accounts.webhooks.secrets import secrets_of
from dure.core.clock import now
from dure.core.outbox import publish
from dure.core.sealing import Unreadable

State = WebhookMessage.State
#: Waits between the attempts of a round, as Standard Webhooks proposes: given up after three days.
BACK_OFF = tuple(
    timedelta(seconds=each)
    for each in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
LEASE = timedelta(seconds=60)
#: An endpoint that failed for so long without a single success is disabled.
PATIENCE = timedelta(days=5)
#: How long one run of the sweep goes on.
RUN_S = 45.0
#: Delivered and given-up messages are kept as long as the request log.
KEPT_FOR = timedelta(days=30)


def deliver(message_id: uuid.UUID) -> bool:
    """Try one message that is due, if nobody else is at it; True when an attempt was made."""
    claim = uuid.uuid4()
    moment = now()
    free = Q(lease_until=None) | Q(lease_until__lt=moment)
    claimed = WebhookMessage.objects.filter(
        free,
        id=message_id,
        state=State.WAITING,
        next_at__lte=moment,
        endpoint__disabled_at=None,
        endpoint__removed_at=None,
    ).update(claim=claim, lease_until=moment + LEASE)
    if not claimed:
        return False
    message = WebhookMessage.objects.select_related("endpoint__organisation").get(id=message_id)
    outcome, status, latency_ms = _try(message)
    _note(message_id, claim, moment, outcome, status, latency_ms)
    return True


def deliver_due() -> int:
    """Everything that is due, endpoints in good health first; returns how many attempts it made."""
    until, made = time.monotonic() + RUN_S, 0
    while time.monotonic() < until:
        moment = now()
        due = (
            WebhookMessage.objects.filter(
                Q(lease_until=None) | Q(lease_until__lt=moment),
                state=State.WAITING,
                next_at__lte=moment,
                endpoint__disabled_at=None,
                endpoint__removed_at=None,
            )
            .order_by(F("endpoint__failing_since").asc(nulls_first=True), "next_at")
            .values_list("id", flat=True)
            .first()
        )
        if due is None:
            break
        made += deliver(due)
    return made


def _try(message: WebhookMessage) -> tuple[str, int | None, int]:
    started, body = time.monotonic(), message.body.encode()
    try:
        target = judged(message.endpoint.url, loopback=settings.WEBHOOK_LOOPBACK)
        signed = signing.headers(
            secrets_of(message.endpoint),
            message_id=f"msg_{message.id.hex}",
            timestamp=int(now().timestamp()),
            body=body,
        )
        head = {"Content-Type": "application/json", "User-Agent": "Dure-Webhooks/1", **signed}
        answer = sending.post(target, headers=head, body=body)
    except Unreachable as reason:
        return reason.code, None, int((time.monotonic() - started) * 1000)
    except Unreadable:
        return "secret-gone", None, 0
    if 200 <= answer.status < 300:
        return "delivered", answer.status, answer.latency_ms
    if 300 <= answer.status < 400:
        return "redirect-refused", answer.status, answer.latency_ms
    return "refused", answer.status, answer.latency_ms


@transaction.atomic
def _note(
    message_id: uuid.UUID,
    claim: uuid.UUID,
    moment: datetime,
    outcome: str,
    status: int | None,
    latency_ms: int,
) -> None:
    """Write down what came of an attempt, unless the claim ran out and somebody else has it."""
    message = (
        WebhookMessage.objects.select_for_update(of=("self",))
        .filter(id=message_id, claim=claim, state=State.WAITING)
        .first()
    )
    if message is None:
        return
    endpoint = (
        WebhookEndpoint.objects.select_for_update(of=("self",))
        .select_related("organisation")
        .get(id=message.endpoint_id)
    )
    WebhookAttempt.objects.create(
        message=message,
        number=message.attempts.count() + 1,
        at=moment,
        status=status,
        outcome=outcome,
        latency_ms=latency_ms,
    )
    message.claim = message.lease_until = None
    message.tries += 1
    if outcome == "delivered":
        message.state, message.ended_at = State.DELIVERED, now()
        endpoint.failing_since = None
    elif message.tries > len(BACK_OFF):
        message.state, message.ended_at = State.FAILED, now()
    else:
        message.next_at = now() + BACK_OFF[message.tries - 1]
    message.save()
    if outcome != "delivered":
        endpoint.failing_since = endpoint.failing_since or moment
        _disable_where_hopeless(endpoint, status)
    endpoint.save(update_fields=["failing_since", "disabled_at", "disabled_for"])


def _disable_where_hopeless(endpoint: WebhookEndpoint, status: int | None) -> None:
    """Gone (410) says so itself; else after days without a success. The owners get a letter."""
    if endpoint.disabled_at is not None:
        return
    since = endpoint.failing_since
    if status == 410:
        endpoint.disabled_for = "gone"
    elif since is not None and now() - since >= PATIENCE:
        endpoint.disabled_for = "failing"
    else:
        return
    endpoint.disabled_at = now()
    publish(
        kind="webhook.disabled",
        subject=str(endpoint.id),
        payload={
            "party": str(endpoint.organisation.party_id),
            "reason": endpoint.disabled_for,
        },
    )


def sweep_messages() -> int:
    """Forget ended messages of more than thirty days ago, with their attempts."""
    old = WebhookMessage.objects.filter(ended_at__lte=now() - KEPT_FOR)
    ids = list(old.values_list("id", flat=True)[:5_000])
    return WebhookMessage.objects.filter(id__in=ids).delete()[0]
