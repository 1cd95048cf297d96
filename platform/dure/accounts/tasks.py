"""Tasks of accounts."""

from __future__ import annotations

from celery import shared_task

from dure.accounts.request_log import sweep_requests


@shared_task(name="dure.accounts.sweep_requests", ignore_result=True)
def sweep_request_log() -> None:
    sweep_requests()
