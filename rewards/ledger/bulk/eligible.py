"""Who shares in a bulk posting: one constant statement for each kind of posting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dure.core.registry import Registry


@dataclass(frozen=True, slots=True)
class Eligible:
    """How a kind of posting finds its people.

    ``statement`` gives ``account_id`` and ``weight`` (a positive whole number), one row an
    account; ``opening`` makes sure beforehand that the accounts exist. Both are constants of the
    code and take the members of the batch's basis as ``%(name)s``, with ``%(asset)s``.
    """

    statement: str
    opening: str = ""


kinds: Final[Registry[Eligible]] = Registry("kinds of bulk postings")
