"""The pieces of an upload as one stream, one piece in memory at a time."""

from __future__ import annotations

import io
from collections.abc import Iterator

from typing_extensions import Buffer

from contributions.models import Upload, UploadPart
from dure.core.blobs import read


class _Assembled(io.RawIOBase):
    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces = pieces
        self._piece = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        if not self._piece:
            self._piece = memoryview(next(self._pieces, b""))
        view = memoryview(buffer)
        size = min(len(view), len(self._piece))
        view[:size] = self._piece[:size]
        self._piece = self._piece[size:]
        return size


def assembled(upload: Upload) -> io.BufferedReader:
    """What arrived of an upload, from its first byte on."""
    parts = UploadPart.objects.filter(upload=upload).select_related("blob").order_by("start")
    pieces = (read(part.blob) for part in parts)
    # Readers may ask for many bytes and take a short answer for the end.
    return io.BufferedReader(_Assembled(pieces), 1024 * 1024)
