"""Is it alive, is it ready, how is it doing: for load balancers and Prometheus."""

from __future__ import annotations

from collections.abc import Callable

from django.db import DatabaseError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from dure.core import outbox
from dure.core.models import OutboxEvent
from dure.core.registry import Registry

#: Each answers the reason why nobody may be served yet, or an empty text.
readiness: Registry[Callable[[], str]] = Registry("readiness")


class NotReady(RuntimeError):
    """The platform may not serve anybody in this state."""


def obstacles() -> list[str]:
    """Why nobody may be served yet."""
    return [reason for _, check in readiness.items() if (reason := check())]


def refuse_unready() -> None:
    """Stop the start of a server that may not serve; a database that is away is no reason yet."""
    try:
        found = obstacles()
    except DatabaseError:
        return
    if found:
        raise NotReady("; ".join(found))


def healthz(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> HttpResponse:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except OperationalError:
        return JsonResponse({"status": "no database"}, status=503)
    if found := obstacles():
        return JsonResponse({"status": "not ready", "obstacles": found}, status=503)
    return JsonResponse({"status": "ok"})


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text format 0.0.4."""
    waiting = OutboxEvent.objects.filter(dispatched_at__isnull=True).count()
    lines = [
        "# HELP dure_outbox_waiting Events not yet delivered.",
        "# TYPE dure_outbox_waiting gauge",
        f"dure_outbox_waiting {waiting}",
        "# HELP dure_outbox_lag_seconds Age of the oldest undelivered event.",
        "# TYPE dure_outbox_lag_seconds gauge",
        f"dure_outbox_lag_seconds {outbox.lag_s()}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4")
