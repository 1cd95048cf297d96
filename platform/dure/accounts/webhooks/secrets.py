"""Secrets of endpoints, sealed under the organisation's key: shown once, replaced with overlap."""

from __future__ import annotations

import os

from dure.accounts.models import Organisation, WebhookEndpoint
from dure.accounts.webhooks.signing import SECRET_BYTES
from dure.core.clock import now
from dure.core.sealing import seal, unseal

_CONTEXT = "webhook-secret"


def new_secret(organisation: Organisation) -> tuple[bytes, bytes]:
    """A secret, and the same sealed."""
    secret = os.urandom(SECRET_BYTES)
    return secret, seal(owner=organisation.party_id, plaintext=secret, context=_CONTEXT)


def secrets_of(endpoint: WebhookEndpoint) -> list[bytes]:
    """What signs at this moment, the newest first. Raises Unreadable."""
    sealed = [endpoint.secret]
    until = endpoint.old_secret_until
    if endpoint.old_secret is not None and until is not None and until > now():
        sealed.append(endpoint.old_secret)
    owner = endpoint.organisation.party_id
    return [unseal(owner=owner, sealed=bytes(each), context=_CONTEXT) for each in sealed]
