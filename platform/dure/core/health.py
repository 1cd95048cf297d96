"""Is it alive, is it ready, how is it doing: for load balancers and Prometheus."""

from __future__ import annotations

from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from dure.core import outbox
from dure.core.models import OutboxEvent


def healthz(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> HttpResponse:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except OperationalError:
        return JsonResponse({"status": "no database"}, status=503)
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
