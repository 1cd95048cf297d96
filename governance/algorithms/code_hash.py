"""The hash of an algorithm's code, so that anybody with the source can tell whether it is this."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from dure.core.canonical import canonical_hash, sha256_hex


class SourceMissing(LookupError):
    """A module that an algorithm names has no source file."""


@lru_cache(maxsize=256)
def code_hash(modules: tuple[str, ...]) -> str:
    """SHA-256 over the canonical JSON ``{module name: SHA-256 of its source bytes}``.

    Computed once a process: the code that runs does not change under it.
    """
    return canonical_hash({name: sha256_hex(_source(name)) for name in sorted(modules)})


def source_hashes(modules: Sequence[str]) -> dict[str, str]:
    """SHA-256 of the source of each module."""
    return {name: sha256_hex(_source(name)) for name in sorted(modules)}


def _source(name: str) -> bytes:
    try:
        spec = find_spec(name)
    except ModuleNotFoundError:
        spec = None
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        msg = f"the module {name} has no source file"
        raise SourceMissing(msg)
    return Path(spec.origin).read_bytes()
