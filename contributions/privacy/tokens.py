"""What stands in place of a personal value: a keyed token, a band of years, a street."""

from __future__ import annotations

import hmac
import re

from contributions.privacy.detectors import DATE, ROAD

# Letters only, so that no token can look like a number to any later check.
LETTERS = str.maketrans("0123456789abcdef", "ghijklmnopqrstuv")
TOKEN_LENGTH = 20
NOT_DIGITS = re.compile(r"[^0-9]")
ABROAD = re.compile(r"^(00)?820?")
PREFIXES = {
    "phone": "tel",
    "email": "mail",
    "name": "name",
    "plate": "car",
    "ip": "ip",
    "mac": "mac",
}


def token(kind: str, text: str, key: bytes) -> str:
    """The same value always has the same token under one key: HMAC-SHA256, 80 bits of it."""
    digest = hmac.digest(key, f"{kind}\0{_same(kind, text)}".encode(), "sha256").hex()
    return f"{PREFIXES.get(kind, 'id')}_{digest[:TOKEN_LENGTH].translate(LETTERS)}"


def band(text: str) -> str | None:
    """A date of birth as five calendar years, "1990-1994"; None when no year can be read."""
    match = DATE.match(text.strip()) or re.search(r"((?:19|20)[0-9]{2})", text)
    if match is None or match.group(1) is None:
        return None
    first = int(match.group(1)) // 5 * 5
    return f"{first}-{first + 4}"


def street(text: str) -> str | None:
    """An address down to its street or neighbourhood, without numbers of houses and flats."""
    match = ROAD.match(text)
    return match.group(1) if match else None


def _same(kind: str, text: str) -> str:
    if kind == "phone":
        digits = NOT_DIGITS.sub("", text)
        return digits if digits.startswith("01") else ABROAD.sub("0", digits)
    return re.sub(r"\s+", "", text).lower() if kind in ("email", "plate", "mac") else text.strip()
