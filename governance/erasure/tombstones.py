"""The list of erasures outside the database, so that a restored backup forgets again.

One line of JSON an erasure: ``{"party", "basis", "at", "mac"}``. The code (HMAC under a platform
key) keeps somebody who can write the file from having people erased; the list is only added to.
"""

from __future__ import annotations

import hmac
import json
import os
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings

from dure.core.canonical import canonical_bytes
from dure.core.sealing import keyed_digest


class TombstoneForged(ValueError):
    """A line of the list does not carry the platform's code."""


@dataclass(frozen=True)
class Tombstone:
    """One erasure: whose, on what basis, when (RFC 3339)."""

    party: UUID
    basis: str
    at: str


def write(tombstone: Tombstone) -> None:
    """Adds a line and waits until it is on the disk; a second line of a party changes nothing."""
    path: Path = settings.TOMBSTONES
    path.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    members = {"party": str(tombstone.party), "basis": tombstone.basis, "at": tombstone.at}
    line = json.dumps({**members, "mac": _code(members)}) + "\n"
    descriptor = os.open(path, os.O_CREAT | os.O_APPEND | os.O_RDWR, 0o600)
    try:
        # After a crash in the middle of a line, the next one starts on its own.
        size = os.fstat(descriptor).st_size
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            line = "\n" + line
        os.write(descriptor, line.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read() -> dict[UUID, Tombstone]:
    """Every erasure on the list; half a line is left aside, TombstoneForged for a wrong code."""
    path: Path = settings.TOMBSTONES
    if not path.exists():
        return {}
    found: dict[UUID, Tombstone] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            members = json.loads(line)
        except json.JSONDecodeError:
            continue  # a crash cut it off before the erasure went on
        except RecursionError:
            members = None
        mac = members.pop("mac", "") if isinstance(members, dict) else ""
        if not _is_ours(members, mac):
            msg = f"line {number} of the list of erasures was not written by this platform"
            raise TombstoneForged(msg)
        party = UUID(members["party"])
        found.setdefault(party, Tombstone(party, members["basis"], members["at"]))
    return found


def _is_ours(members: object, mac: object) -> bool:
    """Whether a line has the platform's code; whatever else stands there is somebody else's."""
    if not isinstance(members, dict) or not isinstance(mac, str) or not mac.isascii():
        return False
    try:
        return hmac.compare_digest(mac, _code(members))
    except (ValueError, TypeError, RecursionError):
        return False  # what has no canonical form was never written here


def _code(members: dict[str, str]) -> str:
    return keyed_digest("tombstone", canonical_bytes(dict(members))).hex()
