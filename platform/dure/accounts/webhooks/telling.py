"""From an outbox event to messages for endpoints: once for each, in the event's transaction."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.db import transaction

from dure.accounts.models import WebhookEndpoint, WebhookMessage
from dure.accounts.webhooks.kinds import webhook_kinds
from dure.core.canonical import Json, canonical_bytes
from dure.core.clock import now, rfc3339
from dure.core.nudge import nudge
from dure.core.outbox import Event


def body_of(kind: str, data: dict[str, Json]) -> str:
    """What is sent: ``{"type", "timestamp", "data"}``, as Standard Webhooks proposes."""
    return canonical_bytes({"type": kind, "timestamp": rfc3339(now()), "data": data}).decode()


def tell(event: Event) -> None:
    """Write a message for every endpoint that asked for this kind; twice is as good as once."""
    known = webhook_kinds.get(event.kind)
    if known is None:
        return
    told = dict(known.about(event))
    if not told:
        return
    endpoints = WebhookEndpoint.objects.filter(
        organisation__party_id__in=told,
        kinds__contains=[event.kind],
        disabled_at=None,
        removed_at=None,
    ).select_related("organisation")
    messages = [
        WebhookMessage(
            endpoint=endpoint,
            event=event.id,
            kind=event.kind,
            body=body_of(event.kind, told[endpoint.organisation.party_id]),
        )
        for endpoint in endpoints
    ]
    WebhookMessage.objects.bulk_create(messages, ignore_conflicts=True)
    for message in messages:
        nudge_delivery(message.id)


def nudge_delivery(message_id: UUID) -> None:
    """Wake a worker for a message after the commit; the clock sweeps what waits anyhow."""
    from dure.accounts.tasks import deliver_webhook  # loads Celery, which the web needs only here

    transaction.on_commit(partial(nudge, deliver_webhook, str(message_id)))
