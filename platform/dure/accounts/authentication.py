"""``Authorization: Bearer dure_live_…``"""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from dure.accounts import api_keys, scopes
from dure.accounts.models import ApiKey, Person
from dure.accounts.problems import scope_missing
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
        known = ApiKey.objects.select_related("person", "organisation")
        key = known.filter(digest=api_keys.digest(secret.strip())).first()
        if key is None:
            raise refused
        # Whoever owns the key sees in its log that it was tried, also when it opens nothing.
        request._request.dure_key = key  # type: ignore[attr-defined]  # read by the request log
        if key.revoked_at or key.expires_at <= moment or not key.person.is_active:
            raise refused
        if key.last_used_at is None or key.last_used_at < moment - LAST_USE_PRECISION:
            ApiKey.objects.filter(id=key.id).update(last_used_at=moment)
        scope = scopes.needed(str(request.method), request.path)
        if scope is not None and not key.opens(scope):
            raise scope_missing(scope)
        return key.person, key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="dure"'


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its metaclass
    target_class = "dure.accounts.authentication.ApiKeyAuthentication"
    name = "ApiKey"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "dure_live_… or dure_test_…"}
