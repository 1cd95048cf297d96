"""The last signed head, kept outside the database, so that the database cannot go back unseen.

A restored backup, a tail cut off or a log rewritten as a whole leaves a database that agrees with
itself. The anchor is a file, best on another disk: the sequencer signs nothing that does not
continue it. It is written after the head is committed, so that a crash leaves it behind the
database, never ahead; the next run catches up.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from dure.core import clock
from governance.log import merkle, note
from governance.log.inconsistency import LogInconsistent
from governance.models import LogCheckpoint

logger = logging.getLogger(__name__)
FILE_NAME = "head"


def read() -> note.Checkpoint | None:
    """The anchored head; None before the first. Raises LogInconsistent if it cannot be read."""
    try:
        text = _path().read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise LogInconsistent("the anchored head of the log cannot be read") from error
    try:
        return note.parse_checkpoint(note.split_note(text)[0])
    except note.NoteError as error:
        raise LogInconsistent("the anchored head of the log is damaged") from error


def check(last: LogCheckpoint | None, node: merkle.Node) -> None:
    """Raises LogInconsistent unless the stored log continues the anchored head."""
    anchored = read()
    if anchored is None:
        return
    stored = 0 if last is None else last.size
    if anchored.size > stored:
        raise LogInconsistent(
            f"the database holds a log of {stored} entries, but {anchored.size} were signed: "
            "was a backup restored? manage.py acknowledge_log"
        )
    try:
        root = merkle.root_of(anchored.size, node)
    except (IndexError, LookupError) as error:
        raise LogInconsistent("the stored tiles do not hold the anchored head") from error
    same_size = last is not None and anchored.size == stored
    if root != anchored.root or (same_size and bytes(last.root) != anchored.root):  # type: ignore[union-attr]
        raise LogInconsistent(
            f"the first {anchored.size} entries are not those that were signed: "
            "manage.py acknowledge_log"
        )


def keep(text: str) -> None:
    """Anchors a signed note unless a later one is anchored; on disk when this returns.

    A disk that fails is logged and shows in the integrity check; what is committed stays.
    """
    try:
        with _locked() as folder:
            anchored = read()
            if anchored is None or anchored.size < _size_of(text):
                _write(folder / FILE_NAME, text)
    except (OSError, LogInconsistent):
        logger.critical("the head of the log could not be anchored")


def set_aside() -> Path | None:
    """Moves the anchor away, keeping it beside: only once an operator has acknowledged it."""
    with _locked() as folder:
        path = folder / FILE_NAME
        if not path.exists():
            return None
        kept = folder / f"{FILE_NAME}.{clock.now():%Y%m%dT%H%M%S%f}"
        path.rename(kept)
        _sync(folder)
        return kept


def _path() -> Path:
    folder: Path = settings.LOG_ANCHOR_DIR
    return folder / FILE_NAME


def _size_of(text: str) -> int:
    return note.parse_checkpoint(note.split_note(text)[0]).size


@contextmanager
def _locked() -> Iterator[Path]:
    folder = _path().parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(descriptor)


def _write(path: Path, text: str) -> None:
    fresh = path.with_suffix(".new")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
