"""The code that decides about rewards, by hash: what a manifest and the register state."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from dure.core.canonical import sha256_hex
from rewards.valuation import allocation, coverage, flat, policy

#: The files that a rule consists of, in a fixed order.
_FILES: Final = {
    coverage.ID: (policy.__file__, coverage.__file__, allocation.__file__),
    flat.ID: (policy.__file__, coverage.__file__, flat.__file__, allocation.__file__),
}


@cache
def code_sha256(method: str) -> str:
    """Hash over the names and contents of the source files that a rule consists of."""
    parts = []
    for name in _FILES[method]:
        path = Path(name)
        parts.append(f"{path.name} {sha256_hex(path.read_bytes())}\n")
    return sha256_hex("".join(parts).encode())
