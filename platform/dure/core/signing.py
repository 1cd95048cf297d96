"""Ed25519 signatures (RFC 8032) of the log and of receipts, each with its own key."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

KeyName = Literal["log", "receipt"]


@lru_cache(maxsize=8)
def _key(secret: str, name: KeyName) -> Ed25519PrivateKey:
    seed = hashlib.sha256(f"dure/{name}/ed25519|{secret}".encode()).digest()
    return Ed25519PrivateKey.from_private_bytes(seed)


def _private(name: KeyName) -> Ed25519PrivateKey:
    secret = settings.LOG_SIGNING_KEY if name == "log" else settings.RECEIPT_SIGNING_KEY
    return _key(secret, name)


def sign(message: bytes, *, key: KeyName = "log") -> bytes:
    """The 64-byte signature of the message."""
    return _private(key).sign(message)


def public_key(key: KeyName = "log") -> bytes:
    """The 32-byte public key that verifies ``sign``."""
    return _private(key).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
