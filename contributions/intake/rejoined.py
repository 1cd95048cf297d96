"""A stream whose beginning has been read already."""

from __future__ import annotations

import io
from typing import BinaryIO, cast

from typing_extensions import Buffer


class _Rejoined(io.RawIOBase):
    """Reads the head first and then the rest, so that a long upload is never held in memory."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        super().__init__()
        self._head = io.BytesIO(head)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        view = memoryview(buffer)
        piece = self._head.read(len(view)) or self._rest.read(len(view))
        view[: len(piece)] = piece
        return len(piece)


def rejoined(head: bytes, rest: BinaryIO) -> BinaryIO:
    """One readable stream of a beginning that was read already and what follows it."""
    return cast(BinaryIO, _Rejoined(head, rest))
