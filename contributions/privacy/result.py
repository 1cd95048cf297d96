"""What the gate says. A finding names a place and a rule; it has no field for a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pyarrow as pa

Action = Literal["refuse", "pseudonymise", "generalise", "drop", "pass"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`row` is the 1-based row of the scanned table, None for a finding about a whole column."""

    row: int | None
    column: str
    type: str
    rule: str
    action: Action


@dataclass(frozen=True, slots=True)
class Verdict:
    """`table` is what may go on: with tokens, bands and roundings in place of personal values, and
    without any row when the file is `refused`. At most 1000 findings of a rule are kept; `counts`
    holds the true number of each.
    """

    findings: list[Finding]
    refused: bool
    table: pa.Table
    counts: Mapping[str, int] = field(default_factory=dict)
