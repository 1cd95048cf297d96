"""Tasks of accounts: an id comes in, a row is claimed, a service runs."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from dure.accounts.request_log import sweep_requests
from dure.accounts.services import sweep_unconfirmed
from dure.accounts.webhooks import delivery


@shared_task(name="dure.accounts.deliver_webhook", ignore_result=True)
def deliver_webhook(message_id: str) -> None:
    delivery.deliver(UUID(message_id))


@shared_task(name="dure.accounts.deliver_webhooks", ignore_result=True)
def deliver_webhooks() -> None:
    delivery.deliver_due()


@shared_task(name="dure.accounts.sweep_logs", ignore_result=True)
def sweep_logs() -> None:
    sweep_requests()
    delivery.sweep_messages()
    sweep_unconfirmed()
