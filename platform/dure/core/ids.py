"""Identifiers that outsiders see: never sequential, hard to mistype."""

from __future__ import annotations

import re
import secrets
import uuid

#: Crockford's base 32: no I, L, O or U, so that a number can be read out on the telephone.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RECEIPT_PATTERN = r"^D-\d{4}-[0-9A-HJKMNP-TV-Z]{8}$"
RECEIPT = re.compile(RECEIPT_PATTERN)


def new_id() -> uuid.UUID:
    return uuid.uuid4()


def new_receipt(year: int) -> str:
    """A receipt number such as ``D-2026-7K3M9QXA`` (40 random bits; twins are refused)."""
    return f"D-{year:04d}-{''.join(secrets.choice(ALPHABET) for _ in range(8))}"
