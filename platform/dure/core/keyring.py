"""The keys that wrap data keys: where they are, which is active, and how they are replaced.

A backup of the database can be opened only with the key that wrapped its data keys. Rotating and
then destroying the old key therefore closes old backups, so that what was erased stays erased.
Every machine that reads personal data sees the same keyring folder.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives import keywrap
from django.conf import settings
from django.db import connection, transaction

from dure.core.clock import now
from dure.core.models import DataKey, KeyEncryptionKey

#: The generation that comes from the configured secret.
DERIVED = "derived"
#: Pages of the table that are rewrapped in one transaction: some ten thousand data keys.
PAGES = 128
#: A data key of 256 bits, wrapped (RFC 3394).
WRAPPED_BYTES = 40


class KekMissing(LookupError):
    """The material of a key-encryption key was destroyed, or is not on this machine."""


@dataclass(frozen=True)
class Rotation:
    """What a rotation did: the active key, how many data keys moved, which keys were destroyed."""

    active: str
    rewrapped: int
    destroyed: tuple[str, ...]


def platform_key(purpose: str) -> bytes:
    """A 256-bit key for one purpose, derived from the configured secret."""
    return hmac.new(settings.KEK.encode(), f"dure/{purpose}".encode(), hashlib.sha256).digest()


def material(kek: str) -> bytes:
    """The 256 bits of a key-encryption key; raises KekMissing."""
    return platform_key("kek") if kek == DERIVED else _read(_path(kek))


def active_for_wrapping() -> str:
    """The active key, which cannot be retired before the caller's transaction ends."""
    with connection.cursor() as cursor:
        # A second look, because while we waited a rotation may have put another key in place.
        for _attempt in range(3):
            cursor.execute("SELECT id FROM core_keyencryptionkey WHERE active FOR SHARE")
            if row := cursor.fetchone():
                return str(row[0])
            cursor.execute(
                "INSERT INTO core_keyencryptionkey (id, active) SELECT %s, true WHERE NOT EXISTS"
                " (SELECT FROM core_keyencryptionkey) ON CONFLICT DO NOTHING",
                [DERIVED],
            )
    raise KekMissing("no key-encryption key is active")


def rotate(*, keep: timedelta) -> Rotation:
    """Make a new key active, wrap every living data key under it, destroy older ones.

    A retired key is destroyed once it has been retired for ``keep`` and wraps nothing any more.
    Safe to call again after a crash at any point: ``finish`` does what is left.
    """
    _activate(_create())
    return finish(keep=keep)


def is_older_than(age: timedelta) -> bool:
    """Whether the active key is of the keyring and older than that; the derived one never is."""
    old = KeyEncryptionKey.objects.filter(active=True, created_at__lte=now() - age)
    return old.exclude(id=DERIVED).exists()


def finish(*, keep: timedelta) -> Rotation:
    """Rewrap what is still under a retired key and destroy the keys whose time is over."""
    with transaction.atomic():
        active = active_for_wrapping()
    rewrapped = 0
    # What somebody held locked in one pass is found in the next.
    while moved := _rewrap_all(active):
        rewrapped += moved
    return Rotation(active, rewrapped, tuple(_destroy_retired(keep)))


def _create() -> str:
    """A new key in a file of its own, on disk before the database knows of it."""
    kek = f"{now():%Y%m%d}-{secrets.token_hex(6)}"
    path = _path(kek)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o400)
    try:
        os.write(descriptor, secrets.token_bytes(32))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    _sync(path.parent)
    return kek


@transaction.atomic
def _activate(kek: str) -> None:
    active_for_wrapping()
    KeyEncryptionKey.objects.filter(active=True).update(active=False, retired_at=now())
    KeyEncryptionKey.objects.create(id=kek, active=True)


def _rewrap_all(active: str) -> int:
    """One pass over the data keys in the order in which they lie on disk; how many moved.

    In that order each page is read and written once. What moves on meanwhile is found in the next
    pass: whoever changes a data key wraps it under the active key, or destroys it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_relation_size('core_datakey') / current_setting('block_size')::int"
        )
        (pages,) = cursor.fetchone()
    return sum(_rewrap_pages(active, first) for first in range(0, pages, PAGES))


@transaction.atomic
def _rewrap_pages(active: str, first: int) -> int:
    """The data keys on ``PAGES`` pages, locked row by row so that reading and erasing go on."""
    place = [f"({first},0)", f"({first + PAGES},0)"]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT owner::text, wrapped, kek_id FROM core_datakey
            WHERE ctid >= %s::tid AND ctid < %s::tid AND wrapped IS NOT NULL AND kek_id IN (
                SELECT id FROM core_keyencryptionkey WHERE id <> %s AND destroyed_at IS NULL
            ) FOR UPDATE OF core_datakey SKIP LOCKED
            """,
            [*place, active],
        )
        rows = cursor.fetchall()
        if not rows:
            return 0
        new = material(active)
        olds = {kek: material(kek) for kek in {kek for _, _, kek in rows}}
        wrapped = b"".join(
            keywrap.aes_key_wrap(new, keywrap.aes_key_unwrap(olds[kek], bytes(old)))
            for _, old, kek in rows
        )
        if len(wrapped) != WRAPPED_BYTES * len(rows):
            raise keywrap.InvalidUnwrap("a data key has another length than 256 bits")
        # One text and one value for all rows: an array of thousands is slow to write and to read.
        cursor.execute(
            """
            UPDATE core_datakey AS key
            SET wrapped = substring(%s::bytea FROM ((nth - 1) * %s + 1)::int FOR %s), kek_id = %s
            FROM unnest(%s::uuid[]) WITH ORDINALITY AS moved (owner, nth)
            WHERE key.ctid >= %s::tid AND key.ctid < %s::tid
                AND key.owner = moved.owner AND key.wrapped IS NOT NULL
            """,
            [
                wrapped,
                WRAPPED_BYTES,
                WRAPPED_BYTES,
                active,
                "{" + ",".join(owner for owner, _, _ in rows) + "}",
                *place,
            ],
        )
        return int(cursor.rowcount)


def _destroy_retired(keep: timedelta) -> list[str]:
    """The derived key is let go but cannot be destroyed: it is the configured secret itself."""
    over = KeyEncryptionKey.objects.filter(
        active=False, destroyed_at=None, retired_at__lte=now() - keep
    ).exclude(id=DERIVED)
    destroyed = []
    for kek in list(over.values_list("id", flat=True)):
        with transaction.atomic():
            KeyEncryptionKey.objects.select_for_update().get(id=kek)
            if DataKey.objects.filter(kek_id=kek, wrapped__isnull=False).exists():
                continue
            KeyEncryptionKey.objects.filter(id=kek).update(destroyed_at=now())
        _remove(kek)
        destroyed.append(kek)
    # What a crash left between the two steps above.
    gone = KeyEncryptionKey.objects.filter(destroyed_at__isnull=False)
    for kek in gone.values_list("id", flat=True):
        _remove(kek)
    return destroyed


def _remove(kek: str) -> None:
    path = _path(kek)
    if not path.exists():
        return
    path.chmod(0o600)
    with path.open("r+b") as file:
        file.write(secrets.token_bytes(32))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    _sync(path.parent)
    _read.cache_clear()


def _path(kek: str) -> Path:
    folder: Path = settings.KEYRING
    return folder / kek


@lru_cache(maxsize=64)
def _read(path: Path) -> bytes:
    try:
        key = path.read_bytes()
    except FileNotFoundError as error:
        raise KekMissing(path.name) from error
    if len(key) != 32:
        raise KekMissing(path.name)
    return key


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
