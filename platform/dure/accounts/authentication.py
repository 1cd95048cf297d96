"""``Authorization: Bearer dure_live_…``"""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from dure.accounts import api_keys
from dure.accounts.models import ApiKey, Person
from dure.core.clock import now

LAST_USE_PRECISION = timedelta(minutes=5)


class ApiKeyAuthentication(BaseAuthentication):
    """Finds the person behind a key; revoked, expired and unknown keys answer alike."""

    def authenticate(self, request: Request) -> tuple[Person, ApiKey] | None:
        scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        refused = AuthenticationFailed(_("The key is not valid."))
        if not api_keys.well_formed(secret.strip()):
            raise refused
        moment = now()
        key = (
            ApiKey.objects.select_related("person", "organisation")
            .filter(
                digest=api_keys.digest(secret.strip()),
                revoked_at__isnull=True,
                expires_at__gt=moment,
                person__is_active=True,
            )
            .first()
        )
        if key is None:
            raise refused
        if key.last_used_at is None or key.last_used_at < moment - LAST_USE_PRECISION:
            ApiKey.objects.filter(id=key.id).update(last_used_at=moment)
        return key.person, key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="dure"'


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its metaclass
    target_class = "dure.accounts.authentication.ApiKeyAuthentication"
    name = "ApiKey"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "dure_live_… or dure_test_…"}
