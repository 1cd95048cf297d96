"""What an organisation's keys were used for in the last thirty days."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dure.accounts.models import ApiKey, LoggedRequest, Organisation
from dure.accounts.request_log import KEPT_FOR, requests_of
from dure.core.problems import PROBLEM_KINDS
from portal.firm.frame import frame
from portal.firm.membership import members_only

PAGE_LENGTH = 50
KEYS_OFFERED = 100
METHODS = ("GET", "POST", "PATCH", "DELETE", "HEAD")


def _answers() -> list[dict[str, str]]:
    return [
        {"code": "2", "label": _("Successful (2xx)")},
        {"code": "4", "label": _("Refused (4xx)")},
        {"code": "5", "label": _("Failed on our side (5xx)")},
    ]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _filtered(
    request: HttpRequest, organisation: Organisation
) -> tuple[QuerySet[LoggedRequest], dict[str, str]]:
    """The lines that fit, and the filters as they were understood; others are left out."""
    found, chosen = requests_of(organisation), {}
    key = _uuid(request.GET.get("key", ""))
    if key is not None:
        found, chosen["key"] = found.filter(key_id=key), str(key)
    status = request.GET.get("status", "")
    if status in ("2", "4", "5"):
        low = int(status) * 100
        found, chosen["status"] = found.filter(status__gte=low, status__lt=low + 100), status
    method = request.GET.get("method", "")
    if method in METHODS:
        found, chosen["method"] = found.filter(method=method), method
    sought = request.GET.get("id", "").strip()
    if sought:
        exact = _uuid(sought)
        found, chosen["id"] = (found.filter(id=exact) if exact else found.none()), sought[:40]
    return found, chosen


@require_safe
@members_only
def requests(request: HttpRequest, organisation: Organisation) -> HttpResponseBase:
    """The lines, newest first, by key, answer, method or request id."""
    found, chosen = _filtered(request, organisation)
    totals = requests_of(organisation).aggregate(
        all=Count("id"),
        refused=Count("id", filter=Q(status__gte=400, status__lt=500)),
        failed=Count("id", filter=Q(status__gte=500)),
    )
    before = parse_datetime(request.GET.get("before", "") or "")
    if before is not None and is_aware(before):
        found = found.filter(at__lt=before)
    page = list(found[: PAGE_LENGTH + 1])
    shown = page[:PAGE_LENGTH]
    keys = ApiKey.objects.filter(organisation=organisation).order_by("-created_at")[:KEYS_OFFERED]
    context = {
        **frame(request, organisation),
        "totals": totals,
        "days": KEPT_FOR.days,
        "chosen": chosen,
        "filtered": bool(chosen) or before is not None,
        "answers": _answers(),
        "methods": METHODS,
        "keys": [{"id": str(key.id), "label": _key_text(key)} for key in keys],
        "lines": [_line(each) for each in shown],
        "next_page": shown[-1].at.isoformat() if len(page) > len(shown) else "",
    }
    return render(request, "portal/firm/requests.html", context)


def _key_text(key: ApiKey) -> str:
    return f"{key.name} ({key.prefix}…)" if key.name else f"{key.prefix}…"


def _line(each: LoggedRequest) -> dict[str, Any]:  # Any: a template's context
    return {
        "id": each.id,
        "short": str(each.id)[:8],
        "at": each.at,
        "method": each.method,
        "path": each.path,
        "status": each.status,
        "tone": "good" if each.status < 300 else "bad" if each.status >= 500 else "heed",
        "latency_ms": each.latency_ms,
        "key": _key_text(each.key),
        "body_bytes": each.body_bytes,
        "body_sha256": each.body_sha256,
        "problem": each.problem if each.problem in PROBLEM_KINDS else "",
    }
