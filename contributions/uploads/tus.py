"""The headers of tus 1.0.0 (tus.io/protocols/resumable-upload): read and written, pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

VERSION = "1.0.0"
EXTENSIONS = "creation,checksum,termination,expiration"
ALGORITHMS = ("sha1", "sha256")
PIECE_TYPE = "application/offset+octet-stream"
DIGITS_MAX = 15


class Unsound(ValueError):
    """A header does not say what the protocol asks of it; the text names the header."""


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the sender says the hash of a piece is."""

    algorithm: str
    digest: bytes

    def fits(self, piece: bytes) -> bool:
        return hmac.compare_digest(hashlib.new(self.algorithm, piece).digest(), self.digest)


def number(header: str, text: str | None) -> int:
    """A whole number of bytes."""
    if text is None or not (text.isascii() and text.isdecimal()) or len(text) > DIGITS_MAX:
        raise Unsound(header)
    return int(text)


def checksum(text: str | None) -> Checksum | None:
    """`<algorithm> <base64>`; None where nothing is claimed."""
    if text is None:
        return None
    algorithm, _space, encoded = text.strip().partition(" ")
    if algorithm not in ALGORITHMS:
        raise Unsound("Upload-Checksum")
    try:
        return Checksum(algorithm, base64.b64decode(encoded.strip(), validate=True))
    except (binascii.Error, ValueError):
        raise Unsound("Upload-Checksum") from None


def metadata(text: str | None) -> dict[str, str]:
    """`key <base64>, …`; a key without a value means an empty one."""
    found: dict[str, str] = {}
    for pair in (text or "").split(","):
        if not pair.strip():
            continue
        key, _space, encoded = pair.strip().partition(" ")
        try:
            value = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
        except (binascii.Error, ValueError):
            raise Unsound("Upload-Metadata") from None
        if not key or key in found or "\0" in value:
            raise Unsound("Upload-Metadata")
        found[key] = value
    return found


def http_date(moment: datetime) -> str:
    """A time as RFC 9110 writes it."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)
