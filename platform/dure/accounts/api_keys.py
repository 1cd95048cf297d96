"""The text of keys: ``dure_live_<32 characters><6 of check>``."""

from __future__ import annotations

import secrets
import zlib

from dure.core.ids import ALPHABET
from dure.core.sealing import keyed_digest

LIVE, TEST = "dure_live_", "dure_test_"
SECRET_LENGTH = 32
CHECK_LENGTH = 6


def _check(body: str) -> str:
    """Characters that show a mistyped key without asking the database."""
    number, characters = zlib.crc32(body.encode()), []
    for _ in range(CHECK_LENGTH):
        number, digit = divmod(number, 32)
        characters.append(ALPHABET[digit])
    return "".join(characters)


def new_secret(*, live: bool) -> str:
    body = (LIVE if live else TEST) + "".join(
        secrets.choice(ALPHABET) for _ in range(SECRET_LENGTH)
    )
    return body + _check(body)


def well_formed(secret: str) -> bool:
    return (
        secret.startswith((LIVE, TEST))
        and len(secret) == len(LIVE) + SECRET_LENGTH + CHECK_LENGTH
        and secret.isascii()
        and _check(secret[:-CHECK_LENGTH]) == secret[-CHECK_LENGTH:]
    )


def digest(secret: str) -> bytes:
    return keyed_digest("api-key", secret.encode())
