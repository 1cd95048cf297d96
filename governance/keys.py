"""Replacing keys, with an entry in the log that it happened."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from dure.accounts.acting import Actor
from dure.core import keyring
from governance.log.services import record

OPERATION = Actor.system("keys")


def rotate_key_encryption(*, keep: timedelta) -> keyring.Rotation:
    """Rotates the key-encryption key (see dure.core.keyring) and logs what was done."""
    done = keyring.rotate(keep=keep)
    with transaction.atomic():
        record(
            kind="key.rotated",
            acting=OPERATION,
            subject=None,
            payload={
                "key": "kek",
                "active": done.active,
                "rewrapped": done.rewrapped,
                "destroyed": list(done.destroyed),
            },
        )
    return done
