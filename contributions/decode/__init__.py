"""From bytes to a table of strings: what the file says, before anybody judges what it means."""

from __future__ import annotations

from contributions.decode.apart import decode_apart
from contributions.decode.decoder import decode, peek
from contributions.decode.formats import ACCEPTED, EXTENSIONS, MEDIA_TYPES, NAMES
from contributions.decode.result import DEFAULT, Decoded, Limits, Undecodable

__all__ = [
    "ACCEPTED",
    "DEFAULT",
    "EXTENSIONS",
    "MEDIA_TYPES",
    "NAMES",
    "Decoded",
    "Limits",
    "Undecodable",
    "decode",
    "decode_apart",
    "peek",
]
