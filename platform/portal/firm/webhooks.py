"""Webhooks of an organisation: endpoints, what was sent, what came of each attempt."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from dure.accounts.acting import Actor
from dure.accounts.models import Organisation, WebhookAttempt, WebhookEndpoint, WebhookMessage
from dure.accounts.webhooks import services
from dure.accounts.webhooks.kinds import TRIAL, webhook_kinds
from dure.core.problems import Problem
from portal.error_summary import ErrorSummary, summary_of_problem
from portal.firm.frame import frame
from portal.firm.membership import members_only

MESSAGES_SHOWN = 50


def _anchors() -> dict[str, str]:
    first = webhook_kinds.items()[0][0]
    return {"url": "url", "kinds": f"kind-{first}"}


def kind_text(kind: str) -> str:
    """What a kind of news is, in words."""
    known = webhook_kinds.get(kind)
    if known is not None:
        return str(known.label)
    return _("Sent to try the endpoint out") if kind == TRIAL else kind


def outcome_text(outcome: str) -> str:
    """What came of an attempt, in words."""
    return {
        "delivered": _("Delivered"),
        "refused": _("The other side refused it"),
        "redirect-refused": _("Redirects are not followed"),
        "timed-out": _("No answer in time"),
        "tls": _("The certificate is not valid"),
        "connection": _("No connection"),
        "answer-too-large": _("The answer was too large"),
        "name-unknown": _("The name was not found"),
        "inner-address": _("The address leads into a private network"),
        "not-https": _("The address is not https"),
        "address-invalid": _("The address is not valid"),
        "secret-gone": _("The secret was erased"),
    }.get(outcome, outcome)


def _state(endpoint: WebhookEndpoint) -> dict[str, str]:
    if endpoint.removed_at is not None:
        return {"label": _("Removed"), "tone": ""}
    if endpoint.disabled_at is not None:
        return {"label": _("Disabled"), "tone": "bad"}
    if endpoint.failing_since is not None:
        return {"label": _("Failing"), "tone": "heed"}
    return {"label": _("In use"), "tone": "good"}


def _row(endpoint: WebhookEndpoint) -> dict[str, Any]:  # Any: a template's context
    return {
        "id": endpoint.id,
        "url": endpoint.url,
        "kinds": [kind_text(kind) for kind in endpoint.kinds],
        "state": _state(endpoint),
        "disabled": endpoint.disabled_at is not None,
        "gone": endpoint.disabled_for == "gone",
        "failing_since": endpoint.failing_since,
        "created_at": endpoint.created_at,
    }


def _page(
    request: HttpRequest,
    organisation: Organisation,
    *,
    secret: str = "",
    problems: ErrorSummary | None = None,
) -> HttpResponse:
    found = organisation.webhooks.filter(removed_at=None).order_by("created_at", "id")
    kinds = [kind for kind, _item in webhook_kinds.items()]
    chosen = request.POST.getlist("kinds") if problems else kinds
    context = {
        **frame(request, organisation),
        "endpoints": [_row(each) for each in found],
        "secret": secret,
        "problems": problems,
        "url": request.POST.get("url", "")[:500] if problems else "",
        "kinds": [
            {"code": kind, "label": kind_text(kind), "checked": kind in chosen} for kind in kinds
        ],
        "room": len(found) < services.ENDPOINTS_MAX,
    }
    return render(request, "portal/firm/webhooks.html", context, status=422 if problems else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def webhooks(request: HttpRequest, organisation: Organisation) -> HttpResponseBase:
    """The endpoints; a new one's secret stands in this one answer and nowhere else."""
    if request.method != "POST":
        return _page(request, organisation)
    try:
        _endpoint, secret = services.add_endpoint(
            acting=Actor.of(request),
            organisation=organisation,
            url=request.POST.get("url", ""),
            kinds=request.POST.getlist("kinds"),
        )
    except Problem as problem:
        if problem.kind.status in (401, 403, 404):
            raise
        return _page(request, organisation, problems=summary_of_problem(problem, _anchors()))
    return _page(request, organisation, secret=secret)


def _endpoint_of(organisation: Organisation, endpoint_id: UUID) -> WebhookEndpoint:
    found = organisation.webhooks.filter(id=endpoint_id, removed_at=None).first()
    if found is None:
        raise Http404
    return found


def _message(message: WebhookMessage) -> dict[str, Any]:  # Any: a template's context
    states = {
        WebhookMessage.State.WAITING: (_("Waiting"), "info"),
        WebhookMessage.State.DELIVERED: (_("Delivered"), "good"),
        WebhookMessage.State.FAILED: (_("Given up"), "bad"),
    }
    label, tone = states[WebhookMessage.State(message.state)]
    return {
        "id": message.id,
        "webhook_id": f"msg_{message.id.hex}",
        "kind": message.kind,
        "kind_label": kind_text(message.kind),
        "body": message.body,
        "state_label": label,
        "tone": tone,
        "waiting": message.state == WebhookMessage.State.WAITING,
        "created_at": message.created_at,
        "next_at": message.next_at,
        "attempts": [
            {
                "number": each.number,
                "at": each.at,
                "status": each.status,
                "outcome": outcome_text(each.outcome),
                "latency_ms": each.latency_ms,
            }
            for each in message.attempts.all()
        ],
    }


@never_cache
@require_http_methods(["GET", "HEAD"])
@members_only
def endpoint(
    request: HttpRequest, organisation: Organisation, endpoint_id: UUID
) -> HttpResponseBase:
    """One endpoint with what was sent to it and every attempt."""
    return _endpoint_page(request, organisation, _endpoint_of(organisation, endpoint_id))


def _endpoint_page(
    request: HttpRequest, organisation: Organisation, found: WebhookEndpoint, secret: str = ""
) -> HttpResponse:
    attempts = Prefetch("attempts", WebhookAttempt.objects.order_by("-number"))
    sent = found.messages.prefetch_related(attempts).order_by("-created_at", "-id")
    context = {
        **frame(request, organisation),
        "endpoint": _row(found),
        "secret": secret,
        "overlap_until": found.old_secret_until,
        "sent": [_message(each) for each in sent[:MESSAGES_SHOWN]],
    }
    return render(request, "portal/firm/webhook.html", context)


@never_cache
@require_POST
@members_only
def action(
    request: HttpRequest, organisation: Organisation, endpoint_id: UUID, what: str
) -> HttpResponseBase:
    """Try it out, give it a new secret, enable or remove it."""
    acting, found = Actor.of(request), _endpoint_of(organisation, endpoint_id)
    match what:
        case "trial":
            services.try_endpoint(acting=acting, endpoint_id=found.id)
            messages.success(request, _("A message is on its way. Reload to see what came of it."))
        case "secret":
            changed, secret = services.rotate_secret(acting=acting, endpoint_id=found.id)
            return _endpoint_page(request, organisation, changed, secret)
        case "enabling":
            services.enable_endpoint(acting=acting, endpoint_id=found.id)
            messages.success(request, _("The endpoint is enabled. What waits is sent now."))
        case "removal":
            services.remove_endpoint(acting=acting, endpoint_id=found.id)
            messages.success(request, _("The endpoint was removed."))
            return redirect(f"{reverse('portal:firm-webhooks')}?organisation={organisation.id}")
        case _:
            raise Http404
    return _back(organisation, found.id)


@require_POST
@members_only
def redelivery(
    request: HttpRequest, organisation: Organisation, message_id: UUID
) -> HttpResponseBase:
    """Send a message again, under its own id."""
    message = WebhookMessage.objects.filter(
        id=message_id, endpoint__organisation=organisation
    ).first()
    if message is None:
        raise Http404
    services.redeliver(acting=Actor.of(request), message_id=message.id)
    messages.success(request, _("The message is sent again."))
    return _back(organisation, message.endpoint_id)


def _back(organisation: Organisation, endpoint_id: UUID) -> HttpResponse:
    address = reverse("portal:firm-webhooks-endpoint", args=[endpoint_id])
    return redirect(f"{address}?organisation={organisation.id}")
