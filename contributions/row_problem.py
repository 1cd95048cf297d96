"""One thing that is wrong with one row: what a contributor is told, without the value itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class RowProblem:
    """`row` is the 1-based data row of the file as sent; `column` is "" when it is the row itself.

    `params` fill the sentence of the rule (bounds, expected formats, counts); they come from the
    call's schema or from counting, never from a cell.
    """

    row: int
    rule: str
    column: str = ""
    params: Mapping[str, str | int] = field(default_factory=dict)
