"""The keys that sign: Ed25519 (RFC 8032) for the log and for receipts, ML-DSA-44 (FIPS 204) beside.

The log's first key follows from a configured secret. Later ones are files of a folder that only
the sequencer's machine needs to see; which of them is in force stands in the log itself
(governance.log.key_chain), never in a table that somebody could change.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from django.conf import settings

KeyName = Literal["log", "receipt"]
SECRET_SIZE_BYTES = 32


class LogKeyMissing(LookupError):
    """The private part of a log key is not on this machine, or was destroyed."""


@dataclass(frozen=True)
class LogKey:
    """A key pair of the log; ``mldsa`` is None where the library's OpenSSL lacks ML-DSA."""

    ed25519: Ed25519PrivateKey
    mldsa: MLDSA44PrivateKey | None

    @property
    def public(self) -> bytes:
        """The 32-byte Ed25519 public key, by which a log key is named."""
        return self.ed25519.public_key().public_bytes_raw()

    @property
    def mldsa_public(self) -> bytes:
        """The 1,312-byte ML-DSA-44 public key; empty where there is none."""
        return b"" if self.mldsa is None else self.mldsa.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """The 64-byte Ed25519 signature."""
        return self.ed25519.sign(message)

    def sign_mldsa(self, message: bytes) -> bytes:
        """The 2,420-byte ML-DSA-44 signature; empty where there is no such key."""
        return b"" if self.mldsa is None else self.mldsa.sign(message)


def sign(message: bytes, *, key: KeyName = "log") -> bytes:
    """The 64-byte signature of the message under a configured key."""
    return _configured(_secret(key), key).sign(message)


def public_key(key: KeyName = "log") -> bytes:
    """The 32-byte public key that verifies ``sign``."""
    return _configured(_secret(key), key).public


def first_log_key() -> LogKey:
    """The log key that follows from the configured secret: where every chain of keys begins."""
    return _configured(_secret("log"), "log")


def log_key(public: bytes) -> LogKey:
    """The log key with this Ed25519 public key; raises LogKeyMissing."""
    first = first_log_key()
    return first if first.public == public else _from_file(_path(public))


def create_log_key() -> LogKey:
    """A new log key, on disk in a file of its own before anybody hears of it."""
    secret = secrets.token_bytes(SECRET_SIZE_BYTES)
    key = _configured(secret.hex(), "log")
    path = _path(key.public)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o400)
    try:
        os.write(descriptor, secret)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return key


def _secret(key: KeyName) -> str:
    secret: str = settings.LOG_SIGNING_KEY if key == "log" else settings.RECEIPT_SIGNING_KEY
    return secret


@lru_cache(maxsize=32)
def _configured(secret: str, name: KeyName) -> LogKey:
    def seed(algorithm: str) -> bytes:
        return hashlib.sha256(f"dure/{name}/{algorithm}|{secret}".encode()).digest()

    try:
        mldsa = MLDSA44PrivateKey.from_seed_bytes(seed("ml-dsa-44"))
    except UnsupportedAlgorithm:
        mldsa = None
    return LogKey(Ed25519PrivateKey.from_private_bytes(seed("ed25519")), mldsa)


def _from_file(path: Path) -> LogKey:
    try:
        secret = path.read_bytes()
    except FileNotFoundError as error:
        raise LogKeyMissing(path.name) from error
    if len(secret) != SECRET_SIZE_BYTES:
        raise LogKeyMissing(path.name)
    return _configured(secret.hex(), "log")


def _path(public: bytes) -> Path:
    folder: Path = settings.LOG_KEYS
    return folder / public.hex()
