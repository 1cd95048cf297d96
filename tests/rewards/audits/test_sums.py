"""The audit of sums solves published reports, and finds one that tells what two people got."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.audits.findings import examine
from governance.reports.compute import published_editions
from governance.reports.dominance import is_sensitive
from governance.reports.periods import Edition
from rewards.audits import sums
from rewards.report_solving import Decision
from rewards.report_sums import decisions
from tests.rewards.test_report_attacker import City

pytestmark = pytest.mark.django_db


def reported() -> City:
    """Six people are paid for air, two for trips, nine for shops, and a report says so."""
    city = City()
    city.open("air", "trips", "shops")
    for slug, people in (("air", 6), ("trips", 2), ("shops", 9)):
        city.pay(slug, people)
    city.report("2031-q3")
    return city


def test_an_honest_report_gives_no_alarm() -> None:
    reported()
    data = sums.disclosure_of_sums()
    trials = {t.name: (t.tried, t.broken) for t in (*data.conservation, *data.counterfactuals)}
    assert all(broken == 0 for _tried, broken in trials.values()), trials
    assert trials["withheld-sums-cannot-be-solved"][0] >= 2
    assert trials["shown-sums-are-safe"][0] >= 1
    outcome, findings = examine(data)
    assert outcome == "fair"
    assert findings == examine(sums.disclosure_of_sums())[1]
    shares = {(each.key, each.part, each.whole) for each in data.shares}
    assert ("calls", 2, 3) in shares


def told(edition: Edition, call: str) -> Edition:
    """The edition as if it told what a call paid."""
    sections: Any = copy.deepcopy(list(edition.sections))
    for section in sections:
        for table in section["tables"] if section["key"] == "rewards" else ():
            for row in table["rows"]:
                if row.get("call") == call and "paid" in row:
                    row["paid"] = row["paid"] or "1"
    return replace(edition, sections=sections)


def test_a_report_that_shows_what_two_got_is_found() -> None:
    reported()
    editions = list(published_editions())
    shown = sums.shown_are_safe(decisions(), [told(each, "trips") for each in editions])
    assert shown.broken == 2, "the call, and its only settlement"


def test_a_report_that_lets_readers_subtract_is_found() -> None:
    """Air is fine to show alone; beside the total it tells of trips."""
    reported()
    editions = list(published_editions())
    assert sums.solved(decisions(), editions).broken == 0
    assert sums.solved(decisions(), [told(each, "air") for each in editions]).broken > 0


def decision(number: int, parts: dict[Any, int]) -> Decision:
    at = datetime(2031, 7, number, tzinfo=UTC)
    return Decision(UUID(int=number), "air", "DURE", at, parts)


@given(st.lists(st.integers(0, 200), max_size=9))
def test_the_rules_are_judged_alike_by_two_hands(amounts: list[int]) -> None:
    assert sums.tells(amounts) == is_sensitive(dict(enumerate(amounts)))


@given(st.data())
def test_the_reader_knows_just_the_combinations(data: st.DataObject) -> None:
    """An oracle by numpy: a sum is known where it adds nothing to the rank."""
    import numpy as np

    count = data.draw(st.integers(1, 5))
    rows = data.draw(
        st.lists(
            st.lists(st.integers(-1, 1), min_size=count, max_size=count), min_size=1, max_size=5
        )
    )
    wanted = data.draw(st.lists(st.integers(-1, 1), min_size=count, max_size=count))

    def row(values: list[int]) -> sums.Row:
        return {UUID(int=n + 1): Fraction(v) for n, v in enumerate(values) if v}

    known = sums.Reader([row(values) for values in rows]).knows(row(wanted))
    rank = np.linalg.matrix_rank(np.array(rows))
    assert known == (np.linalg.matrix_rank(np.array([*rows, wanted])) == rank)


def test_what_a_single_settlement_says_is_sensitive_by_three_rules() -> None:
    assert sums.tells([5, 5, 5, 5])
    assert not sums.tells([5, 5, 5, 5, 5])
    assert sums.tells([860, 35, 35, 35, 35])
    assert sums.tells([850, 75, 25, 25, 25]), "the second guesses the largest to within 75"
    assert not sums.tells([850, 40, 40, 40, 30])
    assert decision(1, {1: 5}).parts == {1: 5}
