"""Who shares in a bulk posting: one constant statement for each kind of posting."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from dure.core.registry import Registry


class Asking(NamedTuple):
    """The statements of one posting, and the values that they take beside its basis."""

    statement: str
    opening: str
    values: Mapping[str, Any]  # Any: parameters of a statement


@dataclass(frozen=True, slots=True)
class Eligible:
    """How a kind of posting finds its people.

    ``statement`` gives ``account_id`` and ``weight`` (a positive whole number), one row an
    account; ``opening`` makes sure beforehand that the accounts exist. Both are constants of the
    code and take the members of the batch's basis as ``%(name)s``, with ``%(asset)s``.

    ``asking`` is for kinds whose people depend on what holds when they are frozen, such as
    consents: it makes both out of the basis then, in the transaction of the freezing.
    """

    statement: str
    opening: str = ""
    asking: Callable[[Mapping[str, str]], Asking] | None = None

    def of(self, basis: Mapping[str, str]) -> Asking:
        """The statements for a posting with this basis."""
        if self.asking is None:
            return Asking(self.statement, self.opening, {})
        return self.asking(basis)


kinds: Final[Registry[Eligible]] = Registry("kinds of bulk postings")
