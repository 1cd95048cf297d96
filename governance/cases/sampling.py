"""Drawing a sample that neither auditor nor city can choose. Pure.

The auditor states how many of which population are drawn, and the hash of a seed; the log takes
both. The first signed head of the log that holds this entry is then joined with the seed. The
auditor could not know that head, as the entry carries salts of the city's; the city could not know
the seed, as it had only the hash. Every item has a ticket, SHA-256 of key and item, and the lowest
tickets are drawn: order, machine and language make no difference. Lines end with a line feed:

    key    = SHA-256("dure-sample/1", seed, root of the head, root of the population, size)
    ticket = SHA-256(key in hex, item)

so that ``sha256sum`` and ``sort`` are enough to draw it again (docs/verifying.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final

FORMAT: Final = "dure-sample/1"
#: Letters and digits of base64url; 22 of them are 128 bits.
SEED: Final = re.compile(r"[A-Za-z0-9_-]{22,128}", re.ASCII)


def seed_hash(seed: str) -> str:
    """What is committed of a seed: the SHA-256 of its characters, in hex."""
    return sha256(seed.encode()).hexdigest()


def key_of(seed: str, *, checkpoint_root: str, population_root: str, size: int) -> str:
    """The key of a drawing in hex; both roots are in hex."""
    return _hashed([FORMAT, seed, checkpoint_root, population_root, str(size)])


def ticket(key: str, item: str) -> str:
    """Where an item stands in the drawing; the lowest come first."""
    return _hashed([key, item])


def draw(items: Sequence[str], *, size: int, key: str) -> list[str]:
    """The ``size`` items with the lowest tickets, in that order.

    Raises ValueError if an item stands there twice or there are fewer than ``size``.
    """
    if len(set(items)) != len(items):
        msg = "an item of the population stands there twice"
        raise ValueError(msg)
    if not 0 < size <= len(items):
        msg = f"{size} of {len(items)} cannot be drawn"
        raise ValueError(msg)
    return sorted(items, key=lambda item: ticket(key, item))[:size]


def _hashed(lines: Iterable[str]) -> str:
    return sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()
