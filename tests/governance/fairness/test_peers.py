"""The measures beside Fairlearn 0.15 and Aequitas 1.1, where those are right and where not.

What the two said stands in ``peers.json``; ``peers.py`` makes it. Both compare binary fractions, so
that a group at exactly four fifths is called unfair or not by what its numbers happen to be; and
where nobody is selected anywhere, both divide nothing by nothing and say nothing.
"""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest

from governance.fairness import measures
from tests.governance.fairness.cases import EDGES, Groups, everything
from tests.governance.fairness.peers import TARGET, TAU

RECORD: Any = json.loads(TARGET.read_text(encoding="utf-8"))
#: Rates and ratios are quotients of two numbers below 10^5: binary fractions are this near.
NEAR = Fraction(1, 10**14)


def ours(groups: Groups) -> tuple[dict[str, Fraction], dict[str, Fraction | None]]:
    """Rates, and their ratios to the highest."""
    rates = measures.selection_rates({g: (a, n) for g, (a, n) in groups.items()})
    highest = max(rates.values())
    return rates, {g: rate / highest if highest else None for g, rate in rates.items()}


def near(told: float | None, exact: Fraction | None) -> bool:
    if told is None or exact is None:
        return told is None and exact is None
    return abs(Fraction(told) - exact) <= NEAR


def verdicts(groups: Groups) -> dict[str, bool]:
    made = measures.four_fifths({g: (a, n) for g, (a, n) in groups.items()})
    return {group: word == "fair" for group, word in made.items()}


def test_the_record_is_of_these_cases_and_of_the_versions_it_names() -> None:
    assert [case["groups"] for case in RECORD["cases"]] == everything()
    assert RECORD["versions"]["fairlearn"] == "0.15.0"
    assert RECORD["versions"]["aequitas"] == "1.1.0"


@pytest.mark.parametrize("case", RECORD["cases"], ids=lambda case: "-".join(case["groups"]))
def test_rates_and_ratios_are_those_of_both(case: Any) -> None:
    rates, ratios = ours(case["groups"])
    lowest = min((r for r in ratios.values() if r is not None), default=None)
    assert near(case["fairlearn"]["lowest_to_highest"], lowest)
    for group, rate in rates.items():
        assert near(case["fairlearn"]["rates"][group], rate)
        assert near(case["aequitas"]["rates"][group], rate)
        assert near(case["aequitas"]["ratios"][group], ratios[group])


def test_verdicts_are_those_of_aequitas_but_on_the_edge_and_of_nobody() -> None:
    unlike: list[tuple[Groups, str]] = []
    for case in RECORD["cases"]:
        groups = case["groups"]
        for group, fair in verdicts(groups).items():
            if case["aequitas"]["impact_parity"][group] is not fair:
                unlike.append((groups, group))
    edges = [EDGES["exactly four fifths, other sizes"], EDGES["exactly four fifths of nine tenths"]]
    nobody = EDGES["nobody anywhere"]
    assert unlike == [*((groups, "b") for groups in edges), (nobody, "a"), (nobody, "b")]
    for groups in edges:
        (a, n), (a_ref, n_ref) = groups["b"], groups["a"]
        assert Fraction(a, n) == Fraction(4, 5) * Fraction(a_ref, n_ref), "on the edge, exactly"
        assert measures.four_fifths({"a": (a_ref, n_ref), "b": (a, n)})["b"] == "fair"


def test_both_call_the_same_four_fifths_fair_or_unfair_by_chance() -> None:
    """Four groups stand at exactly four fifths; two of them are called unfair by the peers."""
    told = {
        name: case["aequitas"]["ratios"]["b"] >= TAU
        for name, case in zip(EDGES, RECORD["cases"], strict=False)
        if name.startswith("exactly four fifths")
    }
    assert sorted(told.values()) == [False, False, True, True]
    by_fairlearn = [
        case["fairlearn"]["lowest_to_highest"] >= TAU
        for name, case in zip(EDGES, RECORD["cases"], strict=False)
        if name.startswith("exactly four fifths")
    ]
    assert by_fairlearn == list(told.values())
