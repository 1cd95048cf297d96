"""Colour profiles, reduced to colour.

Without its profile a photograph shows other colours, so that it is kept; but profiles of monitors
carry owner-given names, serial numbers and dates. The profile is written anew with the tags that
compute colours, and neutral texts where the format requires some.
"""

from __future__ import annotations

import struct

HEADER_BYTES = 128
PROFILE_BYTES_MAX = 1024 * 1024
TAGS_MAX = 100
COLOUR_TAGS = frozenset(
    b"rXYZ gXYZ bXYZ rTRC gTRC bTRC kTRC wtpt bkpt chad lumi cicp "
    b"A2B0 A2B1 A2B2 B2A0 B2A1 B2A2 gamt".split()
)


def only_colour(profile: bytes) -> bytes | None:
    """The same colours without the rest; None for what is no profile."""
    if not HEADER_BYTES + 4 <= len(profile) <= PROFILE_BYTES_MAX or profile[36:40] != b"acsp":
        return None
    (count,) = struct.unpack_from(">I", profile, HEADER_BYTES)
    if count > TAGS_MAX or HEADER_BYTES + 4 + 12 * count > len(profile):
        return None
    tags: list[tuple[bytes, bytes]] = [(b"desc", _text("colours")), (b"cprt", _text("none"))]
    for number in range(count):
        place = HEADER_BYTES + 4 + 12 * number
        name, start, size = struct.unpack_from(">4sII", profile, place)
        if start + size > len(profile):
            return None
        if name in COLOUR_TAGS:
            tags.append((name, profile[start : start + size]))
    return _profile(profile[:HEADER_BYTES], tags)


def _profile(header: bytes, tags: list[tuple[bytes, bytes]]) -> bytes:
    start = HEADER_BYTES + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, value in tags:
        table += struct.pack(">4sII", name, start + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    kept = bytearray(header)
    kept[4:8] = kept[80:84] = bytes(4)  # colour module, creator
    kept[24:36] = struct.pack(">6H", 2000, 1, 1, 0, 0, 0)  # when it was made
    kept[48:56] = bytes(8)  # manufacturer, model
    kept[84:100] = bytes(16)  # checksum; zero means none
    kept[0:4] = struct.pack(">I", start + len(body))
    return bytes(kept) + table + body


def _text(text: str) -> bytes:
    """A multi-localized text with one record."""
    encoded = text.encode("utf-16-be")
    return b"mluc" + struct.pack(">III2s2sII", 0, 1, 12, b"en", b"US", len(encoded), 28) + encoded
