"""Splitting an amount between contributors, neighbourhoods and operation, in exact integers.

Accounts are kept in sub-units: shares of them are floored and the rest stays where it was, so that
nobody gains by being several. Whole units for a fixed list of funds, which nobody can lengthen,
are given by largest remainder; equal remainders are ordered by a hash with a seed that was not
known before, never by name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from fractions import Fraction
from typing import Final, NamedTuple

ID: Final = "community"
VERSION: Final = "1"


class Split(NamedTuple):
    """Parts of an amount by name, and what flooring left; together they are the amount."""

    parts: dict[str, int]
    rest: int


def split(amount: int, shares: Mapping[str, Fraction]) -> Split:
    """Floored parts of ``amount`` sub-units. Shares are not negative and sum to one exactly."""
    _check(amount, shares)
    if sum(shares.values(), Fraction(0)) != 1:
        raise ValueError("shares sum to one")
    parts = {name: int(amount * share) for name, share in shares.items()}
    return Split(parts, amount - sum(parts.values()))


def whole_units(units: int, weights: Mapping[str, Fraction], *, seed: str) -> dict[str, int]:
    """All of ``units`` to a fixed list by largest remainder; at least one weight is positive."""
    _check(units, weights)
    total = sum(weights.values(), Fraction(0))
    if not total:
        raise ValueError("somebody has a positive weight")
    exact = {name: units * weight / total for name, weight in weights.items()}
    given = {name: int(part) for name, part in exact.items()}

    def place(name: str) -> tuple[Fraction, bytes]:
        return given[name] - exact[name], hashlib.sha256(
            f"{len(seed)}:{seed}{name}".encode()
        ).digest()

    left = units - sum(given.values())
    for name in sorted(given, key=place)[:left]:
        given[name] += 1
    return given


def _check(amount: int, weights: Mapping[str, Fraction]) -> None:
    if amount < 0 or min(weights.values(), default=Fraction(0)) < 0:
        raise ValueError("amounts and shares are not negative")
