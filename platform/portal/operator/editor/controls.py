"""The controls of the editor's form, and careful readings of a document that may hold anything."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Document = Mapping[str, Any]  # Any: the call document is JSON
Choices = tuple[tuple[str, str], ...]


#: What the control of half a row shows in letters; a Korean one takes the room of two.
HALF_ROW = 36


def _width(text: str) -> int:
    return sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in text)


@dataclass(frozen=True)
class Input:
    """One control; `kind` is text, number, area, select, tick, moment or day."""

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    hint: str = ""
    choices: Choices = ()
    rows: int = 2
    error: str = ""
    ticked: bool = False
    mono: bool = False
    lang: str = ""

    @property
    def wide(self) -> bool:
        """Whether a choice is longer than half of a row shows."""
        return any(_width(label) > HALF_ROW for _value, label in self.choices)

    @property
    def described_by(self) -> str:
        ids = [f"{self.name}-hint"] * bool(self.hint) + [f"{self.name}-error"] * bool(self.error)
        return " ".join(ids)


@dataclass(frozen=True)
class Part:
    """One column, check, dimension or purpose: its main inputs, and those that may stay shut.

    A purpose has parts of its own, its recipients, which are added and taken away likewise.
    """

    anchor: str
    title: str
    inputs: tuple[Input, ...]
    more: tuple[Input, ...] = ()
    hidden: tuple[tuple[str, str], ...] = ()
    remove: str = ""
    error: str = ""
    open: bool = False
    parts: tuple[Part, ...] = ()
    parts_title: str = ""
    parts_lead: str = ""
    add: str = ""
    add_label: str = ""


@dataclass(frozen=True)
class Section:
    anchor: str
    title: str
    lead: str = ""
    inputs: tuple[Input, ...] = ()
    parts: tuple[Part, ...] = ()
    add: str = ""
    add_label: str = ""
    adding: Input | None = None


@dataclass
class Errors:
    """What is wrong, by the id of the element that it is shown at."""

    found: dict[str, str] = field(default_factory=dict)

    def at(self, name: str) -> str:
        return self.found.get(name, "")


def as_dict(value: object) -> Document:
    return value if isinstance(value, Mapping) else {}


def as_list(value: object) -> list[Any]:  # Any: JSON
    return value if isinstance(value, list) else []


def as_text(value: object) -> str:
    return "" if value is None else str(value)


def choice_of(pairs: Iterable[tuple[str, str]], *, empty: str = "") -> Choices:
    return ((("", empty),) if empty else ()) + tuple(pairs)
