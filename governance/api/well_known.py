"""``/.well-known/gpc.json``: that the city honours Global Privacy Control, and since when."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.http import require_safe

#: The day on which what the signal means here was last changed.
GPC_UPDATED = "2026-11-23"


@require_safe
def gpc(request: HttpRequest) -> JsonResponse:
    """The document of the Global Privacy Control specification; the same for everybody."""
    answer = JsonResponse({"gpc": True, "lastUpdate": GPC_UPDATED})
    answer["Cache-Control"] = "public, max-age=86400"
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


urlpatterns = [path("gpc.json", gpc, name="gpc")]
