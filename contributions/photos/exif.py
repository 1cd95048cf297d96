"""The orientation of a photograph: read out of its EXIF block, and written as the only entry of a
new one.

Turning the pixels instead would mean to compress them again. A block with this single number says
nothing of the person, the camera or the place, and every viewer understands it.
"""

from __future__ import annotations

import struct

ORIENTATION_TAG = 0x0112
SHORT = 3
UPRIGHT = 1
ENTRIES_MAX = 1000


def orientation_of(tiff: bytes) -> int:
    """1 to 8 from a TIFF block (EXIF without its "Exif" mark); 1 where nothing sensible is said."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None or len(tiff) < 10:
        return UPRIGHT
    (start,) = struct.unpack_from(f"{order}I", tiff, 4)
    if start + 2 > len(tiff):
        return UPRIGHT
    (entries,) = struct.unpack_from(f"{order}H", tiff, start)
    for entry in range(min(entries, ENTRIES_MAX)):
        place = start + 2 + 12 * entry
        if place + 12 > len(tiff):
            break
        tag, kind, count, value = struct.unpack_from(f"{order}HHIH", tiff, place)
        if tag == ORIENTATION_TAG and kind == SHORT and count == 1 and 1 <= value <= 8:
            return int(value)
    return UPRIGHT


def orientation_only(orientation: int) -> bytes:
    """A TIFF block of 26 bytes with one entry."""
    entry = struct.pack("<HHIHH", ORIENTATION_TAG, SHORT, 1, orientation, 0)
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 1) + entry + struct.pack("<I", 0)
