"""Identifiers that outsiders see: never sequential, hard to mistype."""

from __future__ import annotations

import re
import secrets
import time
import uuid

#: Crockford's base 32: no I, L, O or U, so that a number can be read out on the telephone.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RECEIPT_PATTERN = r"^D-\d{4}-[0-9A-HJKMNP-TV-Z]{8}$"
RECEIPT = re.compile(RECEIPT_PATTERN)


def new_id() -> uuid.UUID:
    return uuid.uuid4()


def new_ordered_id() -> uuid.UUID:
    """An id that sorts by the millisecond it was made in (RFC 9562, version 7; 74 random bits).

    For rows that come in the order of time and of which outsiders may know when: each lands at the
    end of an index, where a random one would touch another page of it.
    """
    bits = (time.time_ns() // 1_000_000 << 80) | secrets.randbits(80)
    bits = bits & ~(0xF << 76) | 0x7 << 76
    return uuid.UUID(int=bits & ~(0x3 << 62) | 0x2 << 62)


def new_receipt(year: int) -> str:
    """A receipt number such as ``D-2026-7K3M9QXA`` (40 random bits; twins are refused)."""
    return f"D-{year:04d}-{''.join(secrets.choice(ALPHABET) for _ in range(8))}"
