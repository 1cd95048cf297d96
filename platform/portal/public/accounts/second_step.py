"""The second step of signing in: secrets of authenticator apps rest encrypted."""

from __future__ import annotations

import base64
import os
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dure.accounts.models import Person
from dure.core.keyring import platform_key
from dure.core.language import city_name

_PURPOSE = "accounts/second-step"
_NONCE_BYTES = 12


class SecondStepAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": gettext_lazy("This protection cannot be taken off."),
        "cannot_generate_recovery_codes": gettext_lazy(
            "Recovery codes come with an authenticator app or a passkey; set one up first."
        ),
        "incorrect_code": gettext_lazy(
            "The code does not fit. Each code works once; try the next."
        ),
        "unverified_email": gettext_lazy("Confirm your e-mail address first."),
    }

    def get_totp_issuer(self) -> str:
        return city_name()

    def generate_authenticator_name(self, user: Person, type: Any) -> str:
        return _("My passkey")

    def encrypt(self, text: str) -> str:
        """AES-256-GCM under a platform key: a copy of the database alone signs nobody in."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = AESGCM(platform_key(_PURPOSE)).encrypt(nonce, text.encode(), _PURPOSE.encode())
        return base64.b64encode(nonce + sealed).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """What ``encrypt`` made; raises InvalidTag for anything else."""
        body = base64.b64decode(encrypted_text)
        key = AESGCM(platform_key(_PURPOSE))
        return key.decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], _PURPOSE.encode()).decode()
