"""Photographs without their story: every byte that is no picture is taken away, no pixel changes.

Pure: bytes in, bytes out. What stays is what a decoder needs for the same colours, and the one
number that says which way is up.
"""

from __future__ import annotations

from contributions.photos.result import DEFAULT, NotAPhoto, PhotoLimits, Stripped
from contributions.photos.strip import strip

__all__ = ["DEFAULT", "NotAPhoto", "PhotoLimits", "Stripped", "strip"]
