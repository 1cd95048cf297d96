"""Names of released rows: the same row has another name in every release."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from uuid import UUID

from dure.core.sealing import keyed_digest

ID_BYTES = 12


def salt(release_id: UUID) -> bytes:
    """The key of a release's row ids, known to the platform alone."""
    return keyed_digest("contributions.release", release_id.bytes)


def row_ids(key: bytes, contribution_id: UUID, rows: Iterable[int]) -> list[str]:
    """24 hexadecimal digits for each row; nobody else can tell whose it is, or join releases."""
    return [
        hashlib.blake2b(
            contribution_id.bytes + int(row).to_bytes(8, "big"), key=key, digest_size=ID_BYTES
        ).hexdigest()
        for row in rows
    ]
