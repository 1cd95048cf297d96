"""Several frames judged in one run of the engine; every verdict is what each alone would get.

Only what is a matter of one row is judged together, and only in frames of one kind: the same
columns and types, the same columns empty, so that no value is read differently beside others.
Whatever looks at other rows, at a share of them or at the table, and whatever the engine cannot
decide for all at once, is judged frame by frame.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from contributions.quality import engine
from contributions.quality.engine import Findings
from contributions.quality.outcome import QualityOutcome

if TYPE_CHECKING:
    import pandas as pd

Checks = Sequence[Mapping[str, object]]

#: Checks whose verdict on a row depends on that row alone.
OF_ONE_ROW = frozenset(
    {
        "expect_column_values_to_be_between",
        "expect_column_value_lengths_to_be_between",
        "expect_column_value_lengths_to_equal",
        "expect_column_values_to_be_in_set",
        "expect_column_values_to_not_be_in_set",
        "expect_column_values_to_be_null",
        "expect_column_values_to_not_be_null",
        "expect_column_values_to_match_regex",
        "expect_column_values_to_not_match_regex",
        "expect_column_values_to_match_regex_list",
        "expect_column_values_to_not_match_regex_list",
        "expect_column_pair_values_a_to_be_greater_than_b",
        "expect_column_pair_values_to_be_equal",
    }
)


def run_together(
    frames: Sequence[pd.DataFrame], *, checks: Checks, suite_id: str
) -> list[QualityOutcome]:
    """What `engine.run` says of each frame, in their order."""
    known: list[dict[int, Findings]] = [{} for _frame in frames]
    shared = [place for place, check in enumerate(checks) if is_shared(check)]
    for alike in _kinds(frames) if shared else ():
        parts = [frames[place].reset_index(drop=True) for place in alike]
        found = _shared(parts, [checks[place] for place in shared], suite_id)
        for place, part in zip(alike, found, strict=True):
            known[place] = {shared[each]: verdict for each, verdict in part.items()}
    return [
        engine.run(frame, checks=checks, suite_id=suite_id, judge=_beside(verdicts))
        for frame, verdicts in zip(frames, known, strict=True)
    ]


def is_shared(check: Mapping[str, object]) -> bool:
    """Whether a check may be asked of several contributions at once."""
    kwargs = check.get("kwargs")
    mostly = kwargs.get("mostly", 1) if isinstance(kwargs, dict) else 1
    return check["type"] in OF_ONE_ROW and mostly == 1


def _kinds(frames: Sequence[pd.DataFrame]) -> list[list[int]]:
    """Places of frames of one kind, where there are several of it."""
    kinds: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for place, frame in enumerate(frames):
        if len(frame):
            kinds[_kind(frame)].append(place)
    return [places for places in kinds.values() if len(places) > 1]


def _kind(frame: pd.DataFrame) -> tuple[Any, ...]:
    columns = ((name, frame[name]) for name in frame.columns)
    return tuple(
        (name, column.dtype, bool(column.isna().all()), _classes(column))
        for name, column in columns
    )


def _classes(column: pd.Series[Any]) -> frozenset[type]:
    """What kinds of values a column of mixed ones holds."""
    return frozenset(map(type, column)) if column.dtype == object else frozenset()


def _shared(
    parts: Sequence[pd.DataFrame], checks: Checks, suite_id: str
) -> list[dict[int, Findings]]:
    """Per part the verdicts that could be reached for all, by the check's place."""
    import pandas as pd

    whole = pd.concat(parts, ignore_index=True)
    if [*whole.dtypes] != [*parts[0].dtypes]:
        return [{} for _part in parts]
    verdicts = engine.directly(whole, checks, suite_id)
    ends = np.cumsum([len(part) for part in parts])
    split: list[dict[int, Findings]] = [{} for _part in parts]
    for place, failing in verdicts.items():
        borders = np.searchsorted(failing, ends)
        begin, offset = 0, 0
        for number, end in enumerate(borders):
            own = failing[begin:end] - offset
            split[number][place] = Findings(not len(own), own, None)
            begin, offset = end, int(ends[number])
    return split


def _beside(known: Mapping[int, Findings]) -> engine.Judge:
    """A judge that knows some verdicts already and asks the engine for the others."""

    def judge(
        frame: pd.DataFrame, checks: Checks, suite_id: str
    ) -> tuple[dict[int, Findings], dict[int, str]]:
        places = [place for place in range(len(checks)) if place not in known]
        if not places:
            return dict(known), {}
        asked = [checks[place] for place in places]
        found, broken = engine.in_process(frame, asked, suite_id)
        return (
            {**known, **{places[each]: verdict for each, verdict in found.items()}},
            {places[each]: error for each, error in broken.items()},
        )

    return judge
