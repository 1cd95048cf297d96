"""Which words of a text changed: two texts in pieces, each marked as kept or changed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

#: Texts that have less in common than this read better as one whole that replaces another.
ALIKE_LEAST = 0.4
_WORDS = re.compile(r"\s+|[^\s]+")


@dataclass(frozen=True)
class Piece:
    text: str
    changed: bool


def changed_words(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """The pieces of both texts in their order; joined they are the texts again."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    match = SequenceMatcher(None, old, new, autojunk=False)
    if match.ratio() < ALIKE_LEAST:
        return _pieces([(before, True)]), _pieces([(after, True)])
    found = match.get_opcodes()
    return (
        _pieces(("".join(old[i:j]), tag != "equal") for tag, i, j, _k, _m in found),
        _pieces(("".join(new[k:m]), tag != "equal") for tag, _i, _j, k, m in found),
    )


def _pieces(found: Iterable[tuple[str, bool]]) -> list[Piece]:
    return [Piece(text, changed) for text, changed in found if text]
