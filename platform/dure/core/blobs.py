"""Files of contributors, encrypted on disk in pieces of one mebibyte.

Layout of a stored file: pieces of ``nonce (12) | AES-256-GCM ciphertext and tag``, each bound to
the blob, its number and whether it is the last, so that pieces can be neither swapped nor cut off.
The row is written in the caller's transaction; a file without a row is swept after a day.
"""

from __future__ import annotations

import hashlib
import io
import os
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from dure.core.clock import now
from dure.core.models import Blob
from dure.core.sealing import NONCE_BYTES, Unreadable, data_key

PIECE_BYTES = 1024 * 1024
_TAG_BYTES = 16
WRITERS = 8


class TooLarge(Exception):
    """The stream holds more bytes than allowed."""

    def __init__(self, size_limit: int) -> None:
        super().__init__(f"more than {size_limit} bytes")
        self.size_limit = size_limit


def path_of(blob_id: uuid.UUID) -> Path:
    name = blob_id.hex
    folder: Path = settings.BLOB_DIR
    return folder / name[:2] / name


def _pieces(stream: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    """Pieces of the stream, each with whether it is the last; an empty stream is one piece."""
    piece = _read_full(stream)
    while True:
        following = _read_full(stream) if len(piece) == PIECE_BYTES else b""
        yield piece, not following
        if not following:
            return
        piece = following


def _read_full(stream: BinaryIO) -> bytes:
    parts, wanted = [], PIECE_BYTES
    while wanted and (part := stream.read(wanted)):
        parts.append(part)
        wanted -= len(part)
    return b"".join(parts)


def _label(blob_id: uuid.UUID, number: int, last: bool) -> bytes:
    return f"blob|{blob_id}|{number}|{'last' if last else 'more'}".encode()


def store(stream: BinaryIO, *, owner: uuid.UUID, size_limit: int) -> Blob:
    """Encrypt a stream to disk (fsynced) and write its row; ``TooLarge`` leaves nothing behind."""
    blob_id = uuid.uuid4()
    size, digest = _write(blob_id, stream, key=data_key(owner), size_limit=size_limit)
    try:
        return Blob.objects.create(id=blob_id, owner=owner, size=size, sha256=digest)
    except BaseException:
        path_of(blob_id).unlink(missing_ok=True)
        raise


def _write(blob_id: uuid.UUID, stream: BinaryIO, *, key: bytes, size_limit: int) -> tuple[int, str]:
    """The file of a blob on disk; its plaintext's size in bytes and SHA-256."""
    path = path_of(blob_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    cipher, digest, size = AESGCM(key), hashlib.sha256(), 0
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            for number, (piece, last) in enumerate(_pieces(stream)):
                size += len(piece)
                if size > size_limit:
                    raise TooLarge(size_limit)
                digest.update(piece)
                nonce = os.urandom(NONCE_BYTES)
                file.write(nonce + cipher.encrypt(nonce, piece, _label(blob_id, number, last)))
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return size, digest.hexdigest()


def store_bytes(data: bytes, *, owner: uuid.UUID) -> Blob:
    return store(io.BytesIO(data), owner=owner, size_limit=len(data))


@dataclass(frozen=True)
class Unstored:
    """A blob that is not stored yet: its row is not written, its file not on disk."""

    blob: Blob
    data: bytes


def unstored(data: bytes, *, owner: uuid.UUID) -> Unstored:
    """Bytes with the identity they will have once `store_all` stored them."""
    digest = hashlib.sha256(data).hexdigest()
    return Unstored(Blob(id=uuid.uuid4(), owner=owner, size=len(data), sha256=digest), data)


def store_all(wanted: Sequence[Unstored]) -> None:
    """Write files side by side, so that they share the waits for the disk, and rows at once.

    Runs in the caller's transaction; a failure leaves no file behind.
    """
    keyed = [(each, data_key(each.blob.owner)) for each in wanted]
    written: list[Blob] = []

    def write(item: tuple[Unstored, bytes]) -> None:
        each, key = item
        _write(each.blob.id, io.BytesIO(each.data), key=key, size_limit=len(each.data))
        written.append(each.blob)

    try:
        if len(keyed) == 1:
            write(keyed[0])
        elif keyed:
            with ThreadPoolExecutor(max_workers=min(WRITERS, len(keyed))) as pool:
                list(pool.map(write, keyed))
        Blob.objects.bulk_create([each.blob for each in wanted])
    except BaseException:
        discard(written)
        raise


def discard(blobs: Sequence[Blob]) -> None:
    """Delete the files of blobs whose rows were rolled back."""
    delete_files([blob.id for blob in blobs])


def delete_files(blob_ids: Sequence[uuid.UUID]) -> None:
    """Delete files, several at a time: a disk takes its time for each. Safe to repeat."""

    def delete(some: Sequence[uuid.UUID]) -> None:
        for blob_id in some:
            path_of(blob_id).unlink(missing_ok=True)

    if len(blob_ids) <= WRITERS:
        delete(blob_ids)
        return
    with ThreadPoolExecutor(max_workers=WRITERS) as pool:
        # A share each: handing over ten thousand names one by one takes longer than the disk.
        # Exhausted, so that a disk that refuses is heard.
        for _none in pool.map(delete, (blob_ids[at::WRITERS] for at in range(WRITERS))):
            pass


def read(blob: Blob) -> bytes:
    """The whole plaintext; ``Unreadable`` when it was purged, altered or its key destroyed."""
    return b"".join(_decrypted(blob))


def read_start(blob: Blob, size: int) -> bytes:
    """The first bytes of the plaintext, at most so many; no more pieces are read than that takes.

    Raises ``Unreadable`` as ``read`` does.
    """
    start = b""
    for piece in _decrypted(blob):
        start += piece
        if len(start) >= size:
            break
    return start[:size]


def open_blob(blob: Blob) -> BinaryIO:
    """The plaintext as a seekable stream in memory."""
    return io.BytesIO(read(blob))


def _decrypted(blob: Blob) -> Iterator[bytes]:
    if blob.purged_at is not None:
        raise Unreadable("The file was purged.")
    cipher = AESGCM(data_key(blob.owner))
    piece_count = max(1, -(-blob.size // PIECE_BYTES))
    try:
        with path_of(blob.id).open("rb") as file:
            for number in range(piece_count):
                sealed = file.read(NONCE_BYTES + PIECE_BYTES + _TAG_BYTES)
                label = _label(blob.id, number, number == piece_count - 1)
                yield cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], label)
    except (InvalidTag, ValueError) as error:
        raise Unreadable("The stored file was altered.") from error
    except FileNotFoundError as error:
        raise Unreadable("The stored file is gone.") from error


def purge(blob: Blob) -> None:
    """Delete the file and note when; safe to repeat. The row stays as a tombstone."""
    purge_all([blob])
    blob.refresh_from_db(fields=["purged_at"])


def purge_all(blobs: Sequence[Blob]) -> None:
    """`purge` for several, with one statement; their `purged_at` here is not refreshed."""
    ids = [blob.id for blob in blobs]
    delete_files(ids)
    Blob.objects.filter(id__in=ids, purged_at__isnull=True).update(purged_at=now())
