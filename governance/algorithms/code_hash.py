"""The hash of an algorithm's code, so that anybody with the source can tell whether it is this."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from dure.core.canonical import canonical_hash, sha256_hex


class SourceMissing(LookupError):
    """A module that an algorithm names has no source file."""


@lru_cache(maxsize=256)
def code_hash(modules: tuple[str, ...]) -> str:
    """SHA-256 over the canonical JSON ``{module name: SHA-256 of its source bytes}``.

    A package stands for itself and every module below it. Computed once a process: the code that
    runs does not change under it.
    """
    return canonical_hash(dict(source_hashes(modules)))


def source_hashes(modules: Sequence[str]) -> dict[str, str]:
    """SHA-256 of the source of each module, those of packages one by one, by name."""
    sources = {name: path for module in modules for name, path in _sources(module)}
    return {name: sha256_hex(sources[name].read_bytes()) for name in sorted(sources)}


def _sources(name: str) -> Iterator[tuple[str, Path]]:
    """A module's own file and, of a package, those below it; none of them is imported."""
    try:
        spec = find_spec(name)
    except ModuleNotFoundError:
        spec = None
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        msg = f"the module {name} has no source file"
        raise SourceMissing(msg)
    yield name, Path(spec.origin)
    for folder in spec.submodule_search_locations or ():
        for path in sorted(Path(folder).rglob("*.py")):
            if path.name != "__init__.py":
                yield ".".join((name, *path.relative_to(folder).with_suffix("").parts)), path
            elif path.parent != Path(folder):
                yield ".".join((name, *path.parent.relative_to(folder).parts)), path
