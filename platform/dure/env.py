"""Readers of the environment: small, typed and loud.

Every name starts with ``DURE_``. ``NAME_FILE`` reads a value from a file, for secrets.
A name that nobody reads is a spelling mistake and stops the start.
"""

from __future__ import annotations

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

PREFIX = "DURE_"
#: Read by the command-line client, which may run in the same shell.
CLIENT_PREFIX = "DURE_CLIENT_"
_known: set[str] = set()


def text(name: str, default: str = "") -> str:
    """The value of ``name``, or the content of the file that ``name_FILE`` points to."""
    _known.update({name, f"{name}_FILE"})
    path = os.environ.get(f"{name}_FILE")
    if path is None:
        return os.environ.get(name, default)
    if name in os.environ:
        raise ImproperlyConfigured(f"Both {name} and {name}_FILE are set; keep one.")
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error}") from error


def flag(name: str, default: bool = False) -> bool:
    value = text(name, str(default))
    if value not in ("True", "False"):
        raise ImproperlyConfigured(f"Unexpected value {name}={value}: use 'True' or 'False'.")
    return value == "True"


def number(name: str, default: int) -> int:
    value = text(name, str(default))
    try:
        return int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"Unexpected value {name}={value}: use a number.") from error


def words(name: str, default: str = "") -> list[str]:
    """A list, separated by commas or, in a file, by line feeds."""
    listed = text(name, default).replace("\n", ",").split(",")
    return [word.strip() for word in listed if word.strip()]


def refuse_unknown() -> None:
    """Stop when a ``DURE_`` name is set that no setting reads."""
    unknown = sorted(
        name
        for name in os.environ
        if name.startswith(PREFIX) and not name.startswith(CLIENT_PREFIX) and name not in _known
    )
    if unknown:
        raise ImproperlyConfigured(
            f"Unknown settings: {', '.join(unknown)}. Known: {', '.join(sorted(_known))}."
        )
