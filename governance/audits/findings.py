"""From counts to findings. Pure; what could point to a person is left out."""

from __future__ import annotations

from fractions import Fraction

from dure.core.canonical import Json
from governance.audits.data import AuditData, AuditGroup
from governance.fairness import measures

#: Fewer people than this are not counted in public.
PERSONS_MIN = 5


def examine(data: AuditData) -> tuple[str, dict[str, Json]]:
    """The outcome (fair, unfair, insufficient) and the findings as a canonical document."""
    dimensions: dict[str, list[AuditGroup]] = {}
    for group in data.groups:
        dimensions.setdefault(group.dimension, []).append(group)
    documents: dict[str, Json] = {}
    verdicts: set[str] = set()
    for name, groups in sorted(dimensions.items()):
        selection = {group.key: (group.selected, group.people) for group in groups}
        verdict = measures.four_fifths(selection)
        ratios = measures.reward_ratio({g.key: (g.reward, g.units) for g in groups})
        verdicts.update(verdict.values())
        documents[name] = [
            _line(group, verdict[group.key], ratios.get(group.key))
            for group in sorted(groups, key=lambda group: group.key)
        ]
    findings: dict[str, Json] = {"v": 1, "rule": "four-fifths", "selection": documents}
    if len(data.rewards) >= measures.GROUP_MIN:
        findings["inequality"] = {
            "parties": len(data.rewards),
            "gini": measures.rounded(measures.gini(data.rewards)),
            "top_tenth": measures.rounded(measures.top_share(data.rewards, Fraction(1, 10))),
        }
    outcome = next((word for word in ("unfair", "fair") if word in verdicts), "insufficient")
    return outcome, findings


def _line(group: AuditGroup, verdict: str, ratio: Fraction | None) -> dict[str, Json]:
    """One group; a small one only says that it is small."""
    if group.people < PERSONS_MIN:
        return {"key": group.key, "verdict": verdict, "people": None}
    low, high = measures.wilson(group.selected, group.people)
    line: dict[str, Json] = {"key": group.key, "verdict": verdict, "people": group.people}
    if verdict != "insufficient":
        line["rate"] = measures.rounded(Fraction(group.selected, group.people))
        line["interval_95"] = [measures.rounded(low), measures.rounded(high)]
        line["reward_ratio"] = None if ratio is None else measures.rounded(ratio)
    return line
