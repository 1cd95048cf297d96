"""What a stage is, and what it hands over: facts as data, written by whoever settles it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from contributions.models import CellMass, Contribution, Stage, StratumMass
from contributions.pipeline.endings import Ending
from dure.core.canonical import Json
from dure.core.models import Blob


@dataclass(frozen=True)
class Found:
    """A place and a rule, as a stage saw it; becomes a Finding."""

    row: int
    rule: str
    column: str = ""
    params: dict[str, Any] = field(default_factory=dict)  # Any: words of the rule's sentence


@dataclass
class Settled:
    """What a stage hands over: new facts of the contribution, tables, findings, counts.

    `masses`, `cells` and `lines` (kind and payload of log entries) are written with them; `told`
    names the event that follows, `sent_is_over` says that what was sent is not needed any more.
    """

    changes: dict[str, Any] = field(default_factory=dict)  # Any: columns of the contribution
    records: pa.Table | None = None
    outcome: pa.Table | None = None
    findings: Sequence[Found] = ()
    findings_total: int | None = None
    counts: dict[str, Any] = field(default_factory=dict)  # Any: JSON of the stage run
    ending: Ending | None = None
    masses: Sequence[StratumMass] = ()
    cells: Sequence[CellMass] = ()
    lines: Sequence[tuple[str, dict[str, Json]]] = ()
    told: str = ""
    sent_is_over: bool = False


#: Runs inside the settling transaction, on the locked row.
Settle = Callable[[Contribution], Settled]


@dataclass(frozen=True)
class StageWork:
    """One stage: what it does, the version of its code, and which table it reads."""

    stage: Stage
    code_version: str
    reads: Callable[[Contribution], Blob | None]
    work: Callable[[Contribution], Settle]

    @property
    def changes_clusters(self) -> bool:
        """Whether it settles while it holds the clusters of the call."""
        return self.stage == Stage.DUPLICATES
