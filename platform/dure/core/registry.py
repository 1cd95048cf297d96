"""Named places where a room above answers what a room below asks."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class Registry(Generic[T]):
    """Items by name, in the order of registration; a name is taken once."""

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self._items: dict[str, T] = {}

    def register(self, name: str, item: T) -> None:
        if name in self._items:
            raise ValueError(f"{self.subject}: {name} is registered already")
        self._items[name] = item

    def get(self, name: str) -> T | None:
        return self._items.get(name)

    def items(self) -> list[tuple[str, T]]:
        return list(self._items.items())
