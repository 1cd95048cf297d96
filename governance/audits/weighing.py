"""What an audit found, and how much it weighs. Pure.

``critical``  money or records that are not conserved, or a decision that does not follow again;
``high``      a rule that must always hold was broken, or a group is clearly treated worse;
``medium``    a test came out wrong too often, a share is uneven, or objections often win;
``low``       a group below four fifths that chance could have put there, or a drift;
``note``      the rule moved a distribution away from the city.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Final

from dure.core.canonical import Json
from governance.audits.data import AuditData
from governance.audits.shares import by_place, uneven
from governance.fairness import measures

#: The gravest first; the words are those of findings by hand (governance.models.Severity).
SEVERITIES: Final = ("critical", "high", "medium", "low", "note")
#: More of the answered objections granted than this say that the rule is often wrong.
OVERTURNED_MOST: Final = Fraction(1, 5)


def found_in(
    data: AuditData, verdicts: Mapping[tuple[str, str], str], parts: Mapping[str, Json]
) -> list[dict[str, Json]]:
    """Each finding as ``severity``, ``part``, ``name`` and ``key`` of a group, gravest first."""
    rows = [
        {"severity": severity, "part": part, "name": name, "key": key}
        for severity, part, name, key in (
            *_trials(data),
            *_groups(verdicts),
            *_measures(data),
            *_moved(parts),
            *_appeals(data),
        )
    ]
    rows.sort(key=lambda row: (SEVERITIES.index(row["severity"]), row["part"], row["name"],
                               row["key"]))  # fmt: skip
    return [dict(row) for row in rows]


Weighed = Iterator[tuple[str, str, str, str]]


def _trials(data: AuditData) -> Weighed:
    for trial in (*data.conservation, *((data.replay,) if data.replay else ())):
        if trial.broken:
            part = "replay" if trial is data.replay else "conservation"
            yield "critical", part, trial.name, ""
    for trial in data.counterfactuals:
        if trial.broken:
            yield "high", "counterfactuals", trial.name, ""


def _groups(verdicts: Mapping[tuple[str, str], str]) -> Weighed:
    for (dimension, key), verdict in verdicts.items():
        if verdict == "unfair":
            yield "high", "selection", dimension, key
        elif verdict == "unclear":
            yield "low", "selection", dimension, key


def _measures(data: AuditData) -> Weighed:
    for each in data.measures:
        if each.part < each.least * each.whole:
            yield "medium", "measures", each.name, ""
    for (name, dimension), own in by_place(data.shares).items():
        for share in uneven(own):
            yield "medium", "shares", f"{name}.{dimension}", share.key


def _moved(parts: Mapping[str, Json]) -> Weighed:
    """Drifts and representations as the findings state them."""
    for part, severity in (("drift", "low"), ("representation", "note")):
        rows = parts[part]
        for row in rows if isinstance(rows, list) else []:
            if not isinstance(row, dict):
                continue
            if part == "drift" and row["alert"]:
                yield severity, part, str(row["name"]), ""
            after = row.get("distance_of_pay")
            if after is not None and Fraction(str(after)) > Fraction(str(row["distance_of_data"])):
                yield severity, part, f"{row['call']}.{row['dimension']}", ""


def _appeals(data: AuditData) -> Weighed:
    """From as many answers on as a group needs people: few say nothing."""
    appeals = data.appeals
    if appeals is None or appeals.answered < measures.GROUP_MIN:
        return
    if appeals.overturned > OVERTURNED_MOST * appeals.answered:
        yield "medium", "appeals", "overturned", ""
