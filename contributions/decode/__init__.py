"""From bytes to a table of strings: what the file says, before anybody judges what it means."""

from __future__ import annotations

from contributions.decode.decoder import decode, peek
from contributions.decode.result import DEFAULT, Decoded, Limits, Undecodable

__all__ = ["DEFAULT", "Decoded", "Limits", "Undecodable", "decode", "peek"]
