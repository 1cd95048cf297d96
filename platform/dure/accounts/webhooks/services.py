"""Endpoints of an organisation: added, changed, tried out, given a new secret, removed."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from dure.accounts import problems
from dure.accounts.acting import Actor
from dure.accounts.models import Organisation, WebhookEndpoint, WebhookMessage
from dure.accounts.webhooks.addresses import Unreachable, judged
from dure.accounts.webhooks.kinds import TRIAL, webhook_kinds
from dure.accounts.webhooks.secrets import new_secret
from dure.accounts.webhooks.signing import secret_text
from dure.accounts.webhooks.telling import body_of, nudge_delivery
from dure.core.clock import now
from dure.core.problems import INVALID, NOT_ALLOWED, NOT_FOUND, FieldError

ENDPOINTS_MAX = 20
#: How long the old secret still signs beside the new one.
OVERLAP = timedelta(hours=24)


def _require(acting: Actor, organisation: Organisation) -> None:
    acting.require_person()
    if organisation.party_id not in acting.parties:
        raise NOT_FOUND.problem()
    if not acting.acts_for(organisation.party_id):
        raise NOT_ALLOWED.problem()


def _checked(url: str, kinds: Sequence[str]) -> tuple[str, list[str]]:
    known = [kind for kind, _item in webhook_kinds.items()]
    chosen = [kind for kind in known if kind in kinds]
    if not chosen or not set(kinds) <= set(known):
        raise INVALID.problem(errors=[FieldError("kinds", _("Choose what to be told of."))])
    address = url.strip()
    try:
        judged(address, loopback=settings.WEBHOOK_LOOPBACK)
    except Unreachable as reason:
        raise problems.WEBHOOK_ADDRESS.problem(
            errors=[FieldError("url", _address_text(reason.code), reason.code)]
        ) from None
    return address, chosen


def _address_text(code: str) -> str:
    return {
        "not-https": _("The address has to begin with https://."),
        "inner-address": _("The address leads into a private network."),
        "name-unknown": _("The name in the address cannot be found."),
    }.get(code, _("This is not an address such as https://example.com/dure."))


@transaction.atomic
def add_endpoint(
    *, acting: Actor, organisation: Organisation, url: str, kinds: Sequence[str]
) -> tuple[WebhookEndpoint, str]:
    """A new endpoint and its secret, which is shown once.

    Raises INVALID, WEBHOOK_ADDRESS, WEBHOOKS_ENOUGH; NOT_FOUND for neighbours, NOT_ALLOWED for
    members who only look.
    """
    _require(acting, organisation)
    address, chosen = _checked(url, kinds)
    Organisation.objects.select_for_update().get(id=organisation.id)
    if organisation.webhooks.filter(removed_at=None).count() >= ENDPOINTS_MAX:
        raise problems.WEBHOOKS_ENOUGH.problem()
    secret, sealed = new_secret(organisation)
    endpoint = WebhookEndpoint.objects.create(
        organisation=organisation,
        url=address,
        kinds=chosen,
        secret=sealed,
        created_by=acting.require_person(),
    )
    return endpoint, secret_text(secret)


def _own(acting: Actor, endpoint_id: uuid.UUID) -> WebhookEndpoint:
    """Locked; unknown, removed and foreign ones answer alike."""
    acting.require_person()
    endpoint = (
        WebhookEndpoint.objects.select_for_update(of=("self",))
        .select_related("organisation")
        .filter(
            id=endpoint_id,
            removed_at=None,
            organisation__party_id__in=acting.parties,
        )
        .first()
    )
    if endpoint is None:
        raise NOT_FOUND.problem()
    _require(acting, endpoint.organisation)
    return endpoint


@transaction.atomic
def change_endpoint(
    *, acting: Actor, endpoint_id: uuid.UUID, url: str, kinds: Sequence[str]
) -> WebhookEndpoint:
    """Another address or other news; what waits goes to the new address."""
    endpoint = _own(acting, endpoint_id)
    endpoint.url, endpoint.kinds = _checked(url, kinds)
    endpoint.save(update_fields=["url", "kinds"])
    return endpoint


@transaction.atomic
def rotate_secret(*, acting: Actor, endpoint_id: uuid.UUID) -> tuple[WebhookEndpoint, str]:
    """A new secret, shown once; the old one signs beside it for another day."""
    endpoint = _own(acting, endpoint_id)
    secret, sealed = new_secret(endpoint.organisation)
    endpoint.old_secret, endpoint.old_secret_until = endpoint.secret, now() + OVERLAP
    endpoint.secret = sealed
    endpoint.save(update_fields=["secret", "old_secret", "old_secret_until"])
    return endpoint, secret_text(secret)


@transaction.atomic
def remove_endpoint(*, acting: Actor, endpoint_id: uuid.UUID) -> None:
    """Nothing is sent there any more; what was sent can still be looked up."""
    endpoint = _own(acting, endpoint_id)
    endpoint.removed_at = now()
    endpoint.save(update_fields=["removed_at"])


@transaction.atomic
def enable_endpoint(*, acting: Actor, endpoint_id: uuid.UUID) -> WebhookEndpoint:
    """Begin again after it was disabled; what waits is sent at once."""
    endpoint = _own(acting, endpoint_id)
    endpoint.disabled_at = endpoint.failing_since = None
    endpoint.disabled_for = ""
    endpoint.save(update_fields=["disabled_at", "disabled_for", "failing_since"])
    endpoint.messages.filter(state=WebhookMessage.State.WAITING).update(next_at=now())
    return endpoint


@transaction.atomic
def try_endpoint(*, acting: Actor, endpoint_id: uuid.UUID) -> WebhookMessage:
    """Send something that means nothing. Raises WEBHOOK_OFF."""
    endpoint = _own(acting, endpoint_id)
    if endpoint.disabled_at is not None:
        raise problems.WEBHOOK_OFF.problem()
    message = WebhookMessage.objects.create(
        endpoint=endpoint,
        event=uuid.uuid4(),
        kind=TRIAL,
        body=body_of(TRIAL, {"endpoint": str(endpoint.id)}),
    )
    nudge_delivery(message.id)
    return message


@transaction.atomic
def redeliver(*, acting: Actor, message_id: uuid.UUID) -> WebhookMessage:
    """Send a message again, under the same id, whatever became of it. Raises WEBHOOK_OFF."""
    found = WebhookMessage.objects.filter(id=message_id).values_list("endpoint_id", flat=True)
    endpoint_id = found.first()
    if endpoint_id is None:
        raise NOT_FOUND.problem()
    endpoint = _own(acting, endpoint_id)
    if endpoint.disabled_at is not None:
        raise problems.WEBHOOK_OFF.problem()
    message = WebhookMessage.objects.select_for_update(of=("self",)).get(id=message_id)
    message.state, message.ended_at, message.tries = WebhookMessage.State.WAITING, None, 0
    message.next_at = now()
    message.save(update_fields=["state", "ended_at", "tries", "next_at"])
    nudge_delivery(message.id)
    return message
