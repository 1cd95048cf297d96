"""May these records be given out? Pure: columns in, a verdict per record out."""

from __future__ import annotations

from contributions.disclosure.gate import (
    LICENSED,
    OPEN,
    ClassCount,
    Disclosure,
    Earlier,
    Refused,
    Rule,
    examine,
)
from contributions.disclosure.hierarchies import Level, generalise, read_levels

__all__ = [
    "LICENSED",
    "OPEN",
    "ClassCount",
    "Disclosure",
    "Earlier",
    "Level",
    "Refused",
    "Rule",
    "examine",
    "generalise",
    "read_levels",
]
