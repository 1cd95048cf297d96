"""Envelope encryption: a data key for each owner, wrapped under the key-encryption key.

Destroying an owner's key makes everything sealed under it unreadable, in every copy. Formats:
AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce; the associated data names the context and
the owner, so that a sealed value cannot be moved to another row.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import keywrap
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import transaction

from dure.core import keyring
from dure.core.clock import now
from dure.core.models import DataKey

VERSION = b"\x01"
NONCE_BYTES = 12


#: Data keys at hand, by owner, while a piece of work needs them again and again.
_at_hand: ContextVar[dict[uuid.UUID, bytes] | None] = ContextVar("data_keys_at_hand", default=None)


class Unreadable(Exception):
    """The key was destroyed, or the sealed bytes are not what was sealed."""


def keyed_digest(purpose: str, data: bytes) -> bytes:
    """HMAC-SHA256 under a platform key: 32 bytes that nobody without the key can guess.

    A plain hash of a telephone number or an identifier can be undone by trying them all.
    """
    return hmac.new(keyring.platform_key(f"digest/{purpose}"), data, hashlib.sha256).digest()


@contextmanager
def keys_at_hand() -> Iterator[None]:
    """Within the block each owner's data key is fetched once; for work of seconds, not longer.

    A key that is destroyed meanwhile stays destroyed: what was sealed under it cannot be read.
    """
    outer = _at_hand.get()
    token = _at_hand.set({} if outer is None else outer)
    try:
        yield
    finally:
        _at_hand.reset(token)


def data_key(owner: uuid.UUID) -> bytes:
    """The owner's 256-bit data key, made at first use; ``Unreadable`` when it was destroyed."""
    known = _at_hand.get()
    if known is None:
        return _fetched(owner)
    if owner not in known:
        known[owner] = _fetched(owner)
    return known[owner]


def _fetched(owner: uuid.UUID) -> bytes:
    row = DataKey.objects.filter(owner=owner).first()
    if row is None:
        with transaction.atomic():
            # Shared lock: a rotation waits until this key is committed, so that it misses none.
            kek = keyring.active_for_wrapping()
            wrapped = keywrap.aes_key_wrap(keyring.material(kek), os.urandom(32))
            DataKey.objects.bulk_create(
                [DataKey(owner=owner, wrapped=wrapped, kek_id=kek)], ignore_conflicts=True
            )
        row = DataKey.objects.get(owner=owner)
    if row.wrapped is None:
        raise Unreadable("The key of this owner was destroyed.")
    try:
        return keywrap.aes_key_unwrap(keyring.material(str(row.kek_id)), bytes(row.wrapped))
    except (keyring.KekMissing, keywrap.InvalidUnwrap) as error:
        raise Unreadable("The key that wrapped this owner's key is gone.") from error


def destroy_keys(owner: uuid.UUID) -> None:
    """Make everything sealed for the owner unreadable; safe to repeat."""
    data_key_exists = DataKey.objects.filter(owner=owner, destroyed_at__isnull=True)
    data_key_exists.update(wrapped=None, destroyed_at=now())


def seal(*, owner: uuid.UUID, plaintext: bytes, context: str) -> bytes:
    """Encrypt for an owner; ``context`` names where the value lives and must be repeated."""
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(data_key(owner)).encrypt(nonce, plaintext, f"{context}|{owner}".encode())
    return VERSION + nonce + sealed


def unseal(*, owner: uuid.UUID, sealed: bytes, context: str) -> bytes:
    """Decrypt what ``seal`` made for the same owner and context, or raise ``Unreadable``."""
    if sealed[:1] != VERSION:
        raise Unreadable("The sealed value has an unknown format.")
    nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        return AESGCM(data_key(owner)).decrypt(nonce, body, f"{context}|{owner}".encode())
    except InvalidTag as error:
        raise Unreadable("The sealed value was altered or moved.") from error
