"""PNG: picture and colour chunks stay, texts, times, EXIF and private chunks go."""

from __future__ import annotations

import struct
import zlib

from contributions.photos.exif import UPRIGHT, orientation_of, orientation_only
from contributions.photos.icc import PROFILE_BYTES_MAX, only_colour
from contributions.photos.result import NotAPhoto, PhotoLimits, Stripped, check_size

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PICTURE = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
COLOUR = frozenset({b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"cICP"})
NAMES = {
    b"tEXt": "text", b"zTXt": "text", b"iTXt": "text", b"eXIf": "exif", b"tIME": "time",
    b"acTL": "animation", b"fcTL": "animation", b"fdAT": "animation",
}  # fmt: skip


def strip_png(data: bytes, limits: PhotoLimits) -> tuple[Stripped, bytes]:
    """The picture, and what stood behind its end."""
    kept: list[tuple[bytes, bytes]] = []
    removed: set[str] = set()
    orientation, place = UPRIGHT, len(SIGNATURE)
    while not kept or kept[-1][0] != b"IEND":
        name, body, place = _chunk(data, place)
        if (name == b"IHDR") != (not kept):
            raise NotAPhoto("photo.broken")
        if name == b"IHDR":
            _check_header(body, limits)
        if name in PICTURE or name in COLOUR:
            kept.append((name, body))
        elif name == b"iCCP":
            profile = _profile(body)
            if profile is None:
                removed.add("profile")
            else:
                kept.append((name, profile))
        elif not name[0] & 0x20:  # critical, and unknown: nobody knows how to draw this
            raise NotAPhoto("photo.unusual")
        else:
            removed.add(NAMES.get(name, "chunk"))
            orientation = orientation_of(body) if name == b"eXIf" else orientation
    if not any(name == b"IDAT" for name, _body in kept):
        raise NotAPhoto("photo.truncated")
    if orientation != UPRIGHT:
        kept.insert(1, (b"eXIf", orientation_only(orientation)))
    trailer = data[place:]
    if trailer.strip(b"\0"):
        removed.add("trailer")
    width, height = struct.unpack_from(">II", kept[0][1])
    clean = SIGNATURE + b"".join(_written(name, body) for name, body in kept)
    return Stripped(
        data=clean, format="png", width=width, height=height,
        orientation=orientation, removed=tuple(sorted(removed)),
    ), trailer  # fmt: skip


def _chunk(data: bytes, place: int) -> tuple[bytes, bytes, int]:
    if place + 12 > len(data):
        raise NotAPhoto("photo.truncated")
    length, name = struct.unpack_from(">I4s", data, place)
    end = place + 12 + length
    if end > len(data):
        raise NotAPhoto("photo.truncated")
    body = data[place + 8 : end - 4]
    if not name.isalpha() or struct.unpack_from(">I", data, end - 4)[0] != zlib.crc32(name + body):
        raise NotAPhoto("photo.broken")
    return name, body, end


def _check_header(body: bytes, limits: PhotoLimits) -> None:
    if len(body) != 13:
        raise NotAPhoto("photo.broken")
    width, height = struct.unpack_from(">II", body)
    check_size(width, height, limits)


def _profile(body: bytes) -> bytes | None:
    """The profile without what is no colour; its given name goes, too."""
    _name, _zero, packed = body.partition(b"\0")
    try:
        unpacker = zlib.decompressobj()
        profile = unpacker.decompress(packed[1:], PROFILE_BYTES_MAX)
    except zlib.error:
        return None
    clean = only_colour(profile) if unpacker.eof else None
    return None if clean is None else b"ICC\0\0" + zlib.compress(clean)


def _written(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
