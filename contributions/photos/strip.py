"""The one way in: what is it really, is it only that, and what of it is picture?"""

from __future__ import annotations

from contributions.photos.jpeg import strip_jpeg
from contributions.photos.png import SIGNATURE, strip_png
from contributions.photos.result import DEFAULT, NotAPhoto, PhotoFormat, PhotoLimits, Stripped
from contributions.photos.webp import strip_webp

SUFFIXES: dict[PhotoFormat, tuple[str, ...]] = {
    "jpeg": (".jpg", ".jpeg", ".jfif"),
    "png": (".png",),
    "webp": (".webp",),
}
STRIPPERS = {"jpeg": strip_jpeg, "png": strip_png, "webp": strip_webp}
# Telephones put films and depth maps behind a picture; nobody puts these there by accident.
SMUGGLED = (
    b"PK\x03\x04", b"PK\x05\x06", b"%PDF-", b"<?php", b"<script", b"<html", b"<!doctype html",
    b"\x7felf", b"rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"#!/", b"mz\x90\x00",
)  # fmt: skip


def strip(data: bytes, *, filename: str = "", limits: PhotoLimits = DEFAULT) -> Stripped:
    """The same picture without metadata, in the same format; no pixel is decoded or changed.

    `filename`: where given, its suffix must not claim another format. Raises `NotAPhoto` with one
    of `photo.too_large`, `photo.unknown_format`, `photo.suffix`, `photo.truncated`, `photo.broken`,
    `photo.unusual`, `photo.too_many_pixels`, `photo.polyglot`.
    """
    if len(data) > limits.bytes_max:
        raise NotAPhoto("photo.too_large")
    kind = _format(data)
    if kind is None:
        raise NotAPhoto("photo.unknown_format")
    suffix = filename[filename.rfind(".") :].lower() if "." in filename else ""
    if suffix and suffix not in SUFFIXES[kind]:
        raise NotAPhoto("photo.suffix")
    stripped, trailer = STRIPPERS[kind](data, limits)
    # Formats that are read from their end live in what follows the picture.
    behind = trailer.lower()
    if any(mark.lower() in behind for mark in SMUGGLED):
        raise NotAPhoto("photo.polyglot")
    return stripped


def _format(data: bytes) -> PhotoFormat | None:
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data.startswith(SIGNATURE):
        return "png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP" and len(data) >= 12:
        return "webp"
    return None
