"""JPEG: the segments that carry the picture are copied byte for byte, all others are left out.

Kept: tables, frame, scans and restart intervals; of the application segments only what changes
colours, each written anew: the JFIF mark (without density and thumbnail), Adobe's colour transform,
the colour profile reduced to colour, and the orientation.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field

from contributions.photos.exif import UPRIGHT, orientation_of, orientation_only
from contributions.photos.icc import only_colour
from contributions.photos.result import NotAPhoto, PhotoLimits, Stripped, check_size

SOI, EOI, SOS, DNL, COM = 0xD8, 0xD9, 0xDA, 0xDC, 0xFE
APP = range(0xE0, 0xF0)
FRAMES = frozenset({0xC0, 0xC1, 0xC2})  # baseline, extended, progressive: what cameras write
OTHER_FRAMES = frozenset(range(0xC3, 0xD0)) - {0xC4, 0xC8, 0xCC}
TABLES = frozenset({0xDB, 0xC4, 0xDD})  # quantisation, Huffman, restart interval
# The end of a scan: a marker that is neither a stuffed byte nor a restart.
SCAN_END = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]", re.DOTALL)
EXIF, XMP, ICC, MPF, JFIF = (
    b"Exif\0\0",
    b"http://ns.adobe.com/",
    b"ICC_PROFILE\0",
    b"MPF\0",
    b"JFIF\0",
)
SEGMENT_MAX = 65533
ICC_PIECE = SEGMENT_MAX - len(ICC) - 2


@dataclass
class _Parts:
    picture: list[bytes] = field(default_factory=list)
    removed: set[str] = field(default_factory=set)
    profile: dict[int, bytes] = field(default_factory=dict)
    size: tuple[int, int] | None = None
    orientation: int = UPRIGHT
    jfif: bool = False
    adobe: int | None = None
    scans: int = 0


def strip_jpeg(data: bytes, limits: PhotoLimits) -> tuple[Stripped, bytes]:
    """The picture, and what stood behind its end."""
    parts = _Parts()
    place = 2
    while True:
        marker, place = _marker(data, place)
        if marker == EOI:
            break
        if place + 2 > len(data):
            raise NotAPhoto("photo.truncated")
        (length,) = struct.unpack_from(">H", data, place)
        body, end = data[place + 2 : place + length], place + length
        if length < 2 or end > len(data):
            raise NotAPhoto("photo.truncated")
        if marker == SOS:
            end = _scan_end(data, end)
            _count_scan(parts, limits)
        _take(parts, marker, body, data[place:end], limits)
        place = end
    if parts.size is None or not parts.scans:
        raise NotAPhoto("photo.truncated")
    trailer = data[place:]
    if trailer.strip(b"\0"):
        parts.removed.add("trailer")
    head = _rewritten(parts)
    clean = b"\xff\xd8" + head + b"".join(parts.picture) + b"\xff\xd9"
    return Stripped(
        data=clean, format="jpeg", width=parts.size[0], height=parts.size[1],
        orientation=parts.orientation, removed=tuple(sorted(parts.removed)),
    ), trailer  # fmt: skip


def _marker(data: bytes, place: int) -> tuple[int, int]:
    """The marker at `place`, behind any number of fill bytes, and where its segment begins."""
    start = place
    while place < len(data) and data[place] == 0xFF:
        place += 1
    if place >= len(data):
        raise NotAPhoto("photo.truncated")
    if place == start or data[place] == 0:
        raise NotAPhoto("photo.broken")
    return data[place], place + 1


def _scan_end(data: bytes, place: int) -> int:
    match = SCAN_END.search(data, place)
    if match is None:
        raise NotAPhoto("photo.truncated")
    return match.start()


def _count_scan(parts: _Parts, limits: PhotoLimits) -> None:
    parts.scans += 1
    # Each scan of a progressive picture costs a walk over all of it.
    if parts.size is None or parts.scans > limits.scans_max:
        raise NotAPhoto("photo.broken")


def _take(parts: _Parts, marker: int, body: bytes, whole: bytes, limits: PhotoLimits) -> None:
    if marker in FRAMES:
        if parts.size is not None or len(body) < 6:
            raise NotAPhoto("photo.broken")
        height, width = struct.unpack_from(">HH", body, 1)
        check_size(width, height, limits)
        parts.size = (width, height)
    elif marker in APP:
        _take_application(parts, marker, body)
        return
    elif marker == COM:
        parts.removed.add("comment")
        return
    elif marker in OTHER_FRAMES or marker == DNL:
        raise NotAPhoto("photo.unusual")
    elif marker not in TABLES and marker != SOS:
        raise NotAPhoto("photo.broken")
    parts.picture.append(b"\xff" + bytes([marker]) + whole)


def _take_application(parts: _Parts, marker: int, body: bytes) -> None:
    if marker == 0xE0 and body.startswith(JFIF):
        parts.jfif = True
        if len(body) > 14 and body[12] and body[13]:
            parts.removed.add("thumbnail")
    elif marker == 0xE1 and body.startswith(EXIF):
        parts.removed.add("exif")
        parts.orientation = orientation_of(body[len(EXIF) :])
    elif marker == 0xE1 and body.startswith(XMP):
        parts.removed.add("xmp")
    elif marker == 0xE2 and body.startswith(ICC) and len(body) > len(ICC) + 2:
        parts.profile[body[len(ICC)]] = body[len(ICC) + 2 :]
    elif marker == 0xE2 and body.startswith(MPF):
        parts.removed.add("more pictures")
    elif marker == 0xED:
        parts.removed.add("iptc")
    elif marker == 0xEE and body.startswith(b"Adobe") and len(body) >= 12:
        parts.adobe = body[11]
    else:
        parts.removed.add(f"app{marker - 0xE0}")


def _rewritten(parts: _Parts) -> bytes:
    head = b""
    if parts.jfif:
        head += _segment(0xE0, JFIF + b"\x01\x01\0\0\x01\0\x01\0\0")
    if parts.orientation != UPRIGHT:
        head += _segment(0xE1, EXIF + orientation_only(parts.orientation))
    if parts.profile:
        profile = only_colour(b"".join(parts.profile[each] for each in sorted(parts.profile)))
        if profile is None:
            parts.removed.add("profile")
        else:
            pieces = [profile[at : at + ICC_PIECE] for at in range(0, len(profile), ICC_PIECE)]
            for number, piece in enumerate(pieces, start=1):
                head += _segment(0xE2, ICC + bytes([number, len(pieces)]) + piece)
    if parts.adobe is not None:
        head += _segment(0xEE, b"Adobe\0\x64\0\0\0\0" + bytes([parts.adobe]))
    return head


def _segment(marker: int, body: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body
