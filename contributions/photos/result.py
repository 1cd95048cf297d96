"""The shapes of stripping: its limits, its result and its refusal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PhotoFormat = Literal["jpeg", "png", "webp"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoLimits:
    """`pixels_max` is held against what the header promises, before anybody decodes anything."""

    bytes_max: int = 20 * 1024 * 1024
    pixels_max: int = 64_000_000
    side_max: int = 30_000
    scans_max: int = 100


DEFAULT = PhotoLimits()


class NotAPhoto(Exception):
    """The bytes are refused. `rule` names why, for a sentence in the reader's language."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Stripped:
    """`data`: the picture alone. `width`, `height`: pixels as stored, before `orientation` (1 to 8,
    as EXIF has it) turns them. `removed`: the sorted names of what was taken away, never content.
    """

    data: bytes
    format: PhotoFormat
    width: int
    height: int
    orientation: int
    removed: tuple[str, ...]


def check_size(width: int, height: int, limits: PhotoLimits) -> None:
    """Raise for a picture of nothing, and for one that would not fit into memory."""
    if not width or not height:
        raise NotAPhoto("photo.broken")
    if max(width, height) > limits.side_max or width * height > limits.pixels_max:
        raise NotAPhoto("photo.too_many_pixels")
