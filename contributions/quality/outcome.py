"""What a run of the checks found. No field of it can hold a cell value."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from contributions.row_problem import RowProblem


@dataclass(frozen=True)
class CheckResult:
    """One check. `failing` counts rows (0 for a table check); `error` is a code, and then neither
    `passed` nor `failing` says anything about the data: the check could not be run.
    """

    rule: str
    column: str | None
    severity: str
    passed: bool
    failing: int
    error: str | None


@dataclass
class QualityOutcome:
    """By position in the frame: `set_aside` rows fail a critical check, `loss` (0 to 1000
    thousandths) is what the warnings cost each row. `problems` name the rows of critical checks, at
    most `PROBLEMS_PER_CHECK` for one check; `table_failures` are the checks of the whole table
    that failed, of any severity.
    """

    set_aside: npt.NDArray[np.bool_]
    loss: npt.NDArray[np.int64]
    results: list[CheckResult]
    problems: list[RowProblem] = field(default_factory=list)
    table_failures: list[CheckResult] = field(default_factory=list)
