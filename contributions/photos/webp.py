"""WebP: the picture, its transparency and its colours stay; EXIF, XMP and unknown chunks go."""

from __future__ import annotations

import struct

from contributions.photos.exif import UPRIGHT, orientation_of, orientation_only
from contributions.photos.icc import only_colour
from contributions.photos.result import NotAPhoto, PhotoLimits, Stripped, check_size

HAS_PROFILE, HAS_ALPHA, HAS_EXIF, ANIMATED = 0x20, 0x10, 0x08, 0x02
NAMES = {b"EXIF": "exif", b"XMP ": "xmp"}
HEADER_BYTES = 12


def strip_webp(data: bytes, limits: PhotoLimits) -> tuple[Stripped, bytes]:
    """The picture, and what stood behind its end."""
    (length,) = struct.unpack_from("<I", data, 4)
    end = 8 + length
    if end > len(data):
        raise NotAPhoto("photo.truncated")
    chunks, removed = _chunks(data, end)
    orientation = orientation_of(chunks.get(b"EXIF", b"").removeprefix(b"Exif\0\0"))
    width, height = _size(chunks)
    check_size(width, height, limits)
    profile = None
    if b"ICCP" in chunks:
        profile = only_colour(chunks[b"ICCP"])
        if profile is None:
            removed.add("profile")
    kept: list[tuple[bytes, bytes]] = []
    if b"VP8X" in chunks:
        flags = chunks[b"VP8X"][0] & HAS_ALPHA
        flags |= HAS_PROFILE if profile is not None else 0
        flags |= HAS_EXIF if orientation != UPRIGHT else 0
        kept.append((b"VP8X", bytes([flags, 0, 0, 0]) + chunks[b"VP8X"][4:10]))
        if profile is not None:
            kept.append((b"ICCP", profile))
    kept += [(name, chunks[name]) for name in (b"ALPH", b"VP8 ", b"VP8L") if name in chunks]
    if b"VP8X" in chunks and orientation != UPRIGHT:
        kept.append((b"EXIF", orientation_only(orientation)))
    if data[end:].strip(b"\0"):
        removed.add("trailer")
    body = b"WEBP" + b"".join(_written(name, chunk) for name, chunk in kept)
    clean = b"RIFF" + struct.pack("<I", len(body)) + body
    return Stripped(
        data=clean, format="webp", width=width, height=height,
        orientation=orientation, removed=tuple(sorted(removed)),
    ), data[end:]  # fmt: skip


def _chunks(data: bytes, end: int) -> tuple[dict[bytes, bytes], set[str]]:
    chunks: dict[bytes, bytes] = {}
    removed: set[str] = set()
    place = HEADER_BYTES
    while place < end:
        if place + 8 > end:
            raise NotAPhoto("photo.truncated")
        name, length = struct.unpack_from("<4sI", data, place)
        if place + 8 + length > end:
            raise NotAPhoto("photo.truncated")
        if name in (b"ANIM", b"ANMF"):
            raise NotAPhoto("photo.unusual")
        if name in (b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP", b"EXIF"):
            if name in chunks:
                raise NotAPhoto("photo.broken")
            chunks[name] = data[place + 8 : place + 8 + length]
        if name not in (b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP"):
            removed.add(NAMES.get(name, "chunk"))
        place += 8 + length + length % 2
    return chunks, removed


def _size(chunks: dict[bytes, bytes]) -> tuple[int, int]:
    """Of the picture itself; an extended header that says otherwise is a forgery."""
    if (b"VP8 " in chunks) == (b"VP8L" in chunks):
        raise NotAPhoto("photo.broken")
    lossy, lossless = chunks.get(b"VP8 ", b""), chunks.get(b"VP8L", b"")
    if lossy:
        if len(lossy) < 10 or lossy[3:6] != b"\x9d\x01\x2a":
            raise NotAPhoto("photo.broken")
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", lossy, 6))
    else:
        if len(lossless) < 5 or lossless[0] != 0x2F:
            raise NotAPhoto("photo.broken")
        (packed,) = struct.unpack_from("<I", lossless, 1)
        width, height = (packed & 0x3FFF) + 1, ((packed >> 14) & 0x3FFF) + 1
    extended = chunks.get(b"VP8X")
    if extended is not None:
        if len(extended) < 10 or extended[0] & ANIMATED:
            raise NotAPhoto("photo.unusual")
        canvas = tuple(int.from_bytes(extended[at : at + 3], "little") + 1 for at in (4, 7))
        if canvas != (width, height):
            raise NotAPhoto("photo.broken")
    return width, height


def _written(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)
