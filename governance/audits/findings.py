"""From counts to findings. Pure; what could point to a person is left out.

The findings are a canonical document (``FORMAT``). What an algorithm has no data for is null and
``not_applicable`` says why, so that "not examined" never looks like "nothing found". ``found``
lists what was found, the gravest first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final, cast

from dure.core.canonical import Json
from governance.audits.data import (
    Absent,
    Appeals,
    AuditData,
    AuditGroup,
    Drift,
    Measure,
    Representation,
    Trial,
)
from governance.audits.shares import shares_document
from governance.audits.weighing import found_in
from governance.fairness import measures
from governance.reports.disclosure import suppress_counts

FORMAT: Final = "dure-audit/3"
#: Fewer people than this are not counted in public.
PERSONS_MIN: Final = 10
#: A distribution that moved more than this since the time before is worth a look.
DRIFT_ALERT: Final = Fraction(2, 10)
FAIR, UNFAIR, UNCLEAR, INSUFFICIENT = "fair", "unfair", "unclear", "insufficient"
#: What can be examined; each that was not says why not.
PARTS: Final = (
    "selection",
    "shares",
    "measures",
    "inequality",
    "reasons",
    "representation",
    "counterfactuals",
    "replay",
    "conservation",
    "drift",
    "appeals",
)


def examine(data: AuditData) -> tuple[str, dict[str, Json]]:
    """The outcome (fair, unfair, insufficient) and the findings as a canonical document.

    Unfair is a group clearly below four fifths, anything that must always hold and did not, or a
    test that too often came out wrong. Fair needs nothing of that, and a group that is large
    enough to tell; of what decides about no persons, something that must hold and was tried.
    """
    dimensions: dict[str, list[AuditGroup]] = {}
    for group in data.groups:
        dimensions.setdefault(group.dimension, []).append(group)
    selection: dict[str, Json] = {}
    verdicts: dict[tuple[str, str], str] = {}
    for name, groups in sorted(dimensions.items()):
        verdict = measures.judge({g.key: (g.selected, g.people) for g in groups})
        verdicts |= {(name, key): word for key, word in verdict.items()}
        selection[name] = _dimension(groups, verdict, data.matched.get(name, {}))
    appeals = _appeals(data.appeals) if data.appeals else None
    parts: dict[str, Json] = {
        "selection": selection or None,
        "shares": shares_document(data.shares, PERSONS_MIN),
        "measures": cast("Json", [_measure(each) for each in data.measures]) or None,
        "inequality": _inequality(data),
        "reasons": _reasons(data.reasons),
        "representation": cast("Json", [_representation(each) for each in data.representation])
        or None,
        "counterfactuals": _trials(data.counterfactuals),
        "replay": _trial(data.replay) if data.replay else None,
        "conservation": _trials(data.conservation),
        "drift": cast("Json", [_drift(each) for each in data.drift]) or None,
        "appeals": appeals,
    }
    findings: dict[str, Json] = {
        "v": 3,
        "format": FORMAT,
        "rule": "four-fifths",
        "hidden_below": PERSONS_MIN,
        "decided_from": measures.GROUP_MIN,
        **parts,
        "not_applicable": {
            name: str(data.absent.get(name, Absent.NOTHING_YET))
            for name in PARTS
            if parts[name] is None
        },
        "found": cast("Json", found_in(data, verdicts, parts)),
    }
    return _outcome(data, set(verdicts.values())), findings


def _outcome(data: AuditData, verdicts: set[str]) -> str:
    trials = _trials_of(data)
    wrong = any(each.part < each.least * each.whole for each in data.measures)
    if UNFAIR in verdicts or wrong or any(trial.broken for trial in trials):
        return UNFAIR
    about_nobody = data.absent.get("selection") == Absent.NO_PERSONS
    if FAIR in verdicts or (about_nobody and any(trial.tried for trial in trials)):
        return FAIR
    return INSUFFICIENT


def _trials_of(data: AuditData) -> list[Trial]:
    return [*data.counterfactuals, *data.conservation, *([data.replay] if data.replay else [])]


def _measure(one: Measure) -> dict[str, Json]:
    return {
        "name": one.name,
        "right": one.part,
        "tried": one.whole,
        "rate": measures.rounded(Fraction(one.part, one.whole)) if one.whole else None,
        "least": measures.rounded(one.least),
    }


def _dimension(
    groups: Sequence[AuditGroup],
    verdict: Mapping[str, str],
    matched: Mapping[tuple[str, str], tuple[int, int]],
) -> list[Json]:
    """The lines of a dimension; groups that give a small one away are hidden with it."""
    ordered = sorted(groups, key=lambda group: group.key)
    # The people of another dimension add up to (nearly) the same total: it counts as known.
    people = suppress_counts(
        [group.people for group in ordered], total_is_known=True, threshold=PERSONS_MIN
    )
    rates = measures.selection_rates(
        {g.key: (g.selected, g.people) for g in ordered if verdict[g.key] != INSUFFICIENT}
    )
    highest = max(rates.values(), default=Fraction(0))
    rewards = measures.reward_ratio({g.key: (g.reward, g.units) for g in ordered})
    alike = measures.matched_reward_ratio(matched)
    lines: list[Json] = []
    for group, shown in zip(ordered, people, strict=True):
        line: dict[str, Json] = {"key": group.key, "verdict": verdict[group.key], "people": shown}
        if shown is not None and verdict[group.key] != INSUFFICIENT:
            low, high = measures.wilson(group.selected, group.people)
            line |= {
                "rate": measures.rounded(rates[group.key]),
                "interval_95": [measures.rounded(low), measures.rounded(high, up=True)],
                "impact_ratio": _text(rates[group.key] / highest if highest else None),
                "reward_ratio": _text(rewards.get(group.key)),
                "matched_reward_ratio": _text(alike.get(group.key)),
            }
        lines.append(line)
    return lines


def _text(value: Fraction | None) -> str | None:
    return None if value is None else measures.rounded(value)


def _inequality(data: AuditData) -> Json:
    """Gini, the Lorenz curve, the shares at the top, and Theil within and between groups."""
    if len(data.rewards) < measures.GROUP_MIN:
        return None
    theil: dict[str, Json] = {}
    for name, groups in sorted(data.by_group.items()):
        if sum(len(values) for values in groups.values()) >= measures.GROUP_MIN:
            within, between = measures.theil(groups)
            theil[name] = {
                "within": measures.rounded(Fraction(within)),
                "between": measures.rounded(Fraction(between)),
            }
    return {
        "parties": len(data.rewards),
        "gini": measures.rounded(measures.gini(data.rewards)),
        "top_tenth": measures.rounded(measures.top_share(data.rewards, Fraction(1, 10))),
        "top_hundredth": measures.rounded(measures.top_share(data.rewards, Fraction(1, 100))),
        "lorenz": [measures.rounded(point) for point in measures.lorenz(data.rewards)],
        "theil": theil,
    }


def _reasons(reasons: Mapping[str, int]) -> Json:
    if not reasons:
        return None
    ordered = sorted(reasons.items(), key=lambda each: (-each[1], each[0]))
    shown = suppress_counts([people for _rule, people in ordered], threshold=PERSONS_MIN)
    return [
        {"rule": rule, "people": people}
        for (rule, _count), people in zip(ordered, shown, strict=True)
    ]


def _representation(one: Representation) -> dict[str, Json]:
    """How far data and pay are from the city, 0 to 1; pay nearer than data is what is meant."""
    before = measures.total_variation(one.data, one.population)
    after = measures.total_variation(one.paid, one.population)
    paid = sum(one.paid.values())
    return {
        "call": one.call,
        "dimension": one.dimension,
        "asset": one.asset,
        "distance_of_data": measures.rounded(before),
        "distance_of_pay": measures.rounded(after) if paid else None,
        # What a million units of the asset (10^12 sub-units) moved; negative is nearer.
        "moved_per_million": measures.rounded((after - before) * 10**12 / paid) if paid else None,
        "jensen_shannon": measures.rounded(measures.jensen_shannon(one.data, one.population)),
        "empty_strata": sum(1 for key, n in one.population.items() if n and not one.data.get(key)),
        "strata": len(one.population),
    }


def _drift(one: Drift) -> dict[str, Json]:
    index = measures.stability_index(one.before, one.after)
    return {
        "name": one.name,
        "psi": None if index is None else measures.rounded(index),
        "alert": index is not None and index > DRIFT_ALERT,
    }


def _trial(trial: Trial) -> dict[str, Json]:
    return {"name": trial.name, "tried": trial.tried, "broken": trial.broken}


def _trials(trials: Sequence[Trial]) -> Json:
    return cast("Json", [_trial(trial) for trial in trials]) if trials else None


def _appeals(appeals: Appeals) -> dict[str, Json]:
    counts = suppress_counts(
        [appeals.received, appeals.answered, appeals.overturned], threshold=PERSONS_MIN
    )
    received, answered, overturned = counts
    told = answered and overturned is not None
    return {
        "received": received,
        "answered": answered,
        "overturned": overturned,
        "overturn_rate": measures.rounded(Fraction(appeals.overturned, appeals.answered))
        if told
        else None,
    }
