"""What stands in place of a personal value: a keyed token, a band of years, a street."""

from __future__ import annotations

import hmac
import math
import re

from contributions.privacy.persons import ENGLISH_ROAD, POINT, ROAD

# Letters only, so that no token can look like a number to any later check.
LETTERS = str.maketrans("0123456789abcdef", "ghijklmnopqrstuv")
TOKEN_LENGTH = 20
YEARS = 5
CELL_METRES = 250
# One degree of latitude is 110.57 km at its shortest.
CELL_DEGREES = 0.00227
MOST_LATITUDE = 90
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
    match = re.search(r"(?<![0-9])((?:19|20)[0-9]{2})(?![0-9]{1,3}(?![0-9]))", text)
    if match is None:
        return None
    first = int(match.group(1)) // YEARS * YEARS
    return f"{first}-{first + YEARS - 1}"


def street(text: str) -> str | None:
    """An address down to its street or neighbourhood, without numbers of houses and flats."""
    match = ROAD.match(text)
    if match:
        return match.group(1)
    english = re.search(ENGLISH_ROAD, text)
    return re.sub(r"^[0-9\-, ]+", "", english.group()) if english else None


def cell(latitude: float, longitude: float) -> tuple[str, str]:
    """Degrees of the middle of a cell of the grid that is at least 250 m wide and high.

    A row of cells is as wide as the degrees of longitude at its middle require, so that the grid
    keeps its size from the equator to far in the north.
    """
    middle = (math.floor(latitude / CELL_DEGREES) + 0.5) * CELL_DEGREES
    width = CELL_DEGREES / max(0.01, math.cos(math.radians(abs(middle) + CELL_DEGREES)))
    return f"{middle:.5f}", f"{(math.floor(longitude / width) + 0.5) * width:.5f}"


def metres(position: float) -> str:
    """A projected coordinate in metres: the middle of its 250 m."""
    return f"{(math.floor(position / CELL_METRES) + 0.5) * CELL_METRES:.0f}"


def point(text: str) -> str | None:
    """Two coordinates in one text, each replaced by the middle of the cell."""
    match = POINT.search(text)
    if match is None:
        return None
    first, second = float(match.group(1)), float(match.group(2))
    swapped = abs(first) > MOST_LATITUDE
    found = cell(second, first)[::-1] if swapped else cell(first, second)
    return f"{found[0]}, {found[1]}"


def _same(kind: str, text: str) -> str:
    if kind == "phone":
        digits = NOT_DIGITS.sub("", text)
        return digits if digits.startswith("01") else ABROAD.sub("0", digits)
    return re.sub(r"\s+", "", text).lower() if kind in ("email", "plate", "mac") else text.strip()
