"""A worker's hold on its work: renewed while the worker lives, over soon after it dies."""

from __future__ import annotations

import hashlib
import logging
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from django.db import DatabaseError, connection

from contributions.models import Contribution, Release
from dure.core.clock import now

logger = logging.getLogger(__name__)

LEASE_S = 20.0
RENEWAL_S = 7.0


def until() -> timedelta:
    """How long a lease lasts from now."""
    return timedelta(seconds=LEASE_S)


def new_claim() -> UUID:
    """A token that nobody else has: 6 bytes of this machine, 4 of this process, 6 of chance."""
    return UUID(bytes=_machine() + os.getpid().to_bytes(4, "big") + os.urandom(6))


def is_abandoned(claim: UUID | None) -> bool:
    """Whether the process that holds a claim was on this machine and is no more.

    Such a claim need not be waited for; of any other, only the lease tells. A number that another
    process has taken over counts as alive.
    """
    if claim is None or claim.bytes[:6] != _machine():
        return False
    try:
        os.kill(int.from_bytes(claim.bytes[6:10], "big"), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


@lru_cache(maxsize=1)
def _machine() -> bytes:
    """This machine, since it was started, and its numbering of processes."""
    parts = [socket.gethostname()]
    for name in ("/proc/sys/kernel/random/boot_id", "/proc/self/ns/pid"):
        path = Path(name)
        try:
            parts.append(str(path.readlink()) if path.is_symlink() else path.read_text())
        except OSError:
            parts.append("")
    return hashlib.sha256("|".join(parts).encode()).digest()[:6]


@contextmanager
def kept(
    held_id: UUID | None,
    claim: UUID | None,
    model: type[Contribution] | type[Release] = Contribution,
) -> Iterator[None]:
    """Renew the lease every few seconds while the block runs, however long that takes.

    Without an id, of everything that is held under the claim. A thread with a connection of its
    own does it, opened only by stages that run that long.
    """
    done = threading.Event()

    def renew() -> None:
        try:
            while not done.wait(RENEWAL_S):
                _extend(model, held_id, claim)
        finally:
            connection.close()

    thread = threading.Thread(target=renew, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _extend(
    model: type[Contribution] | type[Release], held_id: UUID | None, claim: UUID | None
) -> None:
    held = model._default_manager.filter(claim=claim)
    try:
        (held if held_id is None else held.filter(id=held_id)).update(lease_until=now() + until())
    except DatabaseError as error:
        # The row is locked while the stage settles, or the database is away; tried again soon.
        logger.warning("a lease was not renewed (%s)", type(error).__name__)
