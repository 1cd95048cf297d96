"""What a room hands over to have an algorithm audited. Pure: counts and sums, nobody's name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AuditGroup:
    """A group of one dimension: of ``people`` cases ``selected`` were decided in their favour.

    ``reward`` in sub-units for ``units`` of accepted mass (thousandths).
    """

    dimension: str
    key: str
    people: int
    selected: int
    units: int = 0
    reward: int = 0


@dataclass(frozen=True)
class AuditData:
    """Groups to compare, and each party's reward (in no order) to measure inequality."""

    groups: tuple[AuditGroup, ...]
    rewards: tuple[int, ...] = ()
