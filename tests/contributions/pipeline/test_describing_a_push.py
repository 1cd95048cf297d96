"""What is written down about a push: classes, categories the call names, and what moved."""

from __future__ import annotations

import json

import pytest

from contributions.models import State
from contributions.pipeline.stages import check
from contributions.selectors.quality_report import drift_of, quality_report
from tests.cast import joon, mina
from tests.contributions.seoul import air_csv, handed_in, published, twenty_rows

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_report_says_of_each_rule_whether_it_is_met_and_lists_only_failing_rows() -> None:
    published(tolerance="1")
    rows = [f"2026110100{minute:02d},종로구,{20 + minute}" for minute in range(30)]
    done = check(handed_in(mina(), air_csv(*rows, "202611010099,비밀동,7777")).id)
    assert done.state == State.ACCEPTED
    report = quality_report(done)
    assert [(rule["verdict"], rule["failing"]) for rule in report["rules"]] == [
        ("fail", 1),
        ("pass", 0),
    ]
    assert "0" in report["rules"][0]["text"]
    assert "1000" in report["rules"][0]["text"]
    assert [(row["row"], row["column"]) for row in report["rows"]] == [(31, "PM10")]
    numbers = report["distributions"]["PM10"]
    assert sum(numbers["counts"]) == 30
    assert len(numbers["limits"]) == 9
    districts = report["distributions"]["측정소명"]
    assert dict(zip(districts["labels"], districts["counts"], strict=True)) == {
        "종로구": 30, "도봉구": 0, "강남구": 0, "…": 0,
    }  # fmt: skip
    assert "측정일시" not in report["distributions"]
    assert report["drift"] is None
    assert "비밀동" not in json.dumps(report, ensure_ascii=False)
    assert "7777" not in json.dumps(report, ensure_ascii=False)


def test_a_feed_that_moves_or_changes_its_form_is_noted_and_refused_nothing() -> None:
    published(tolerance="1")
    check(handed_in(mina(), twenty_rows("20261101")).id)
    same = check(handed_in(mina(), twenty_rows("20261102")).id)
    report = quality_report(same)
    assert report["drift"] == {
        "psi": {"PM10": 0.0, "측정소명": 0.0}, "moved": [], "changes": [],
    }  # fmt: skip
    rows = [
        f"2026110{day}{hour:02d},강남구,{300 + hour}.25" for day in (3, 4) for hour in range(10)
    ]
    moved = check(handed_in(mina(), air_csv(*rows)).id)
    assert moved.state == State.ACCEPTED
    report = quality_report(moved)
    assert report["drift"]["moved"] == ["PM10", "측정소명"]
    assert report["drift"]["changes"] == [
        {"severity": "info", "what": "precision", "column": "PM10", "before": "0", "now": "2"}
    ]
    assert drift_of(moved) == report["drift"]


def test_the_feeds_of_two_people_are_not_compared() -> None:
    published()
    check(handed_in(mina(), twenty_rows("20261101")).id)
    other = check(handed_in(joon(), twenty_rows("20261102")).id)
    assert quality_report(other)["drift"] is None
