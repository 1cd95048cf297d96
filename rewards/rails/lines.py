"""One payment as every rail's file needs it. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID, uuid5

#: What XML 1.0 cannot hold, and what no bank prints.
_UNFIT: Final = re.compile("[^\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u007f-\u009f]")
_IBAN: Final = re.compile(r"[A-Z]{2}[0-9]{2}[0-9A-Z]{1,30}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Line:
    """What one item of a batch asks the rail for; ``pays`` in sub-units of won."""

    uid: UUID
    number: int
    pays: int
    name: str
    destination: str
    asset: str
    amount: int


@dataclass(frozen=True, slots=True)
class Head:
    """What a batch says of itself; ``created_at`` in UTC."""

    message_id: str
    created_at: datetime
    execute_on: date
    debtor_name: str
    debtor_account: str
    debtor_bic: str


def item_uid(batch: UUID, redemption: UUID) -> UUID:
    """The end-to-end reference: the same whenever it is derived, other for every batch."""
    return uuid5(batch, str(redemption))


def printable(text: str, limit: int) -> str:
    """A text for a payment: composed, without control characters, at most ``limit`` long."""
    composed = unicodedata.normalize("NFC", text)
    words = _UNFIT.sub(" ", composed).split()
    return " ".join(words)[:limit].strip() or "NOTPROVIDED"


def is_bank(code: str) -> bool:
    """Whether three digits can be those of a bank, a savings bank or a securities firm in Korea.

    They are numbered below 100, from 101 and from 209 on (Korea Financial Telecommunications and
    Clearings Institute). Account numbers often begin with others (110, 333, 1002), so that one
    written without its bank is not read as an account of another.
    """
    number = int(code)
    return 1 <= number <= 99 or 101 <= number <= 106 or 209 <= number <= 299


def iban_checks(text: str) -> bool:
    """Whether the check digits of an IBAN fit (ISO 7064, MOD 97-10); other accounts have none."""
    if not _IBAN.fullmatch(text):
        return True
    return int("".join(str(int(each, 36)) for each in text[4:] + text[:4])) % 97 == 1


def bank_account(destination: str) -> tuple[str, str]:
    """(code of the bank, account) of a destination; the code is empty for an IBAN."""
    if _IBAN.fullmatch(destination):
        return "", destination
    digits = destination.replace(":", "")
    return digits[:3], digits[3:]
