"""The audit of counts reads published reports as somebody who subtracts, and finds what tells."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from itertools import product
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.audits import counts
from governance.audits.data import Trial
from governance.audits.findings import examine
from governance.models import Report
from governance.reports.compute import ReportDocument
from governance.reports.disclosure import suppress_counts
from governance.reports.services import publish_report
from tests import cast as people
from tests.forging import forge

#: What a report says: rows of (call, purpose, agreed, withdrew), and the totals of both.
Row = tuple[str, str, int | None, int | None]


def report(
    rows: list[Row], given: int | None, withdrawn: int | None, *, period: str = "2031-q3",
    edition: int = 1,
) -> ReportDocument:  # fmt: skip
    def figure(key: str, value: int | None) -> dict[str, Any]:
        return {"key": key, "label": {}, "value": value, "unit": "persons",
                "suppressed": value is None}  # fmt: skip

    table = {
        "key": "by-purpose",
        "title": {},
        "columns": [
            {"key": "call", "label": {}},
            {"key": "purpose", "label": {}},
            {"key": "given", "label": {}, "unit": "persons"},
            {"key": "withdrawn", "label": {}, "unit": "persons"},
        ],
        "rows": [
            {"call": call, "purpose": purpose, "given": came, "withdrawn": went,
             "suppressed": [k for k, v in (("given", came), ("withdrawn", went)) if v is None]}
            for call, purpose, came, went in rows
        ],
    }  # fmt: skip
    section = {"key": "consent", "title": {}, "figures": [figure("given", given),
               figure("withdrawn", withdrawn)], "tables": [table]}  # fmt: skip
    return cast("ReportDocument", {"period": period, "edition": edition, "sections": [section]})


HONEST = report([("air", "ai", 40, 0), ("air", "research", 30, 9)], 45, 9)


@pytest.mark.parametrize(
    "look",
    [
        counts.small_counts,
        counts.totals_and_parts,
        counts.purposes_of_a_call,
        counts.editions_of_a_quarter,
        counts.quarters_in_a_row,
        counts._nothing_more,
    ],
)
def test_an_honest_report_gives_no_alarm(look: Callable[[list[ReportDocument]], Trial]) -> None:
    assert look([HONEST]).broken == 0


def test_each_way_of_subtracting_finds_its_own() -> None:
    small = report([("air", "ai", 40, 3), ("air", "research", 30, 9)], 45, None)
    assert counts.small_counts([small]).broken == 1
    near = report([("air", "ai", 40, 0), ("air", "research", 30, 9)], 43, 9)
    assert counts.totals_and_parts([near]).broken == 1
    overlap = report([("air", "ai", 40, 0), ("trips", "ai", 30, 9)], 68, 9)
    assert counts.totals_and_parts([overlap]).broken == 1
    alike = report([("air", "ai", 40, 0), ("air", "research", 38, 9)], 60, 9)
    assert counts.purposes_of_a_call([alike]).broken == 1
    second = report([("air", "ai", 42, 0), ("air", "research", 30, 9)], 50, 9, edition=2)
    assert counts.editions_of_a_quarter([HONEST, second]).broken == 1
    left = report([("air", "ai", 0, 37), ("air", "research", 0, 9)], 0, 20, period="2031-q4")
    assert counts.quarters_in_a_row([HONEST, left]).broken == 1, "three of forty are still there"
    hidden = report([("air", "ai", None, 0), ("air", "research", 30, 9)], 45, 9)
    assert counts.quarters_in_a_row([hidden, left]).tried == 4
    assert counts.quarters_in_a_row([hidden, left]).broken == 0, "where it began is not known"


def told(shown: list[int | None], total: int) -> bool:
    """By brute force: whether every way of filling the gaps agrees that some cell is below five."""
    gaps = [place for place, cell in enumerate(shown) if cell is None]
    rest = total - sum(cell for cell in shown if cell is not None)
    ways = [way for way in product(range(1, rest + 1), repeat=len(gaps)) if sum(way) == rest]
    return any(all(way[at] < counts.FEW for way in ways) for at in range(len(gaps)))


@given(st.lists(st.sampled_from([0, 1, 2, 3, 4, 5, 6, 7, 9]), min_size=1, max_size=5))
def test_no_reader_can_tell_by_trying_everything(table: list[int]) -> None:
    shown = suppress_counts(table, total_is_known=True)
    spare = any(cell is not None and cell >= counts.FEW for cell in shown)
    if spare and shown.count(None) <= 3:
        assert not told(shown, sum(table))


def test_rules_that_hide_too_little_or_by_place_are_found() -> None:
    def alone(table: list[int], **_: Any) -> list[int | None]:
        """Only the small cells, so that one of them is the rest of the total."""
        return [None if 0 < cell < counts.FEW else cell for cell in table]

    def first(table: list[int], **_: Any) -> list[int | None]:
        return [None, *table[1:]]

    assert counts.made_up_tables(suppress_counts).broken == 0
    assert counts.made_up_tables(alone).broken > 100
    assert counts.row_order(suppress_counts).broken == 0
    assert counts.row_order(first).broken > 100


@pytest.mark.django_db
def test_published_reports_are_read_and_a_forged_one_is_found() -> None:
    publish_report(acting=people.actor(people.kang()), period="2026-q3")
    outcome, findings = examine(counts.disclosure_of_counts())
    assert outcome == "fair"
    assert findings["found"] == []
    assert findings == examine(counts.disclosure_of_counts())[1]
    made = Report.objects.get()
    document: Any = copy.deepcopy(made.document)
    (figure,) = (
        each
        for section in document["sections"]
        for each in section["figures"]
        if (section["key"], each["key"]) == ("consent", "given")
    )
    figure["value"] = 3

    forge(
        "UPDATE governance_report SET body = %s WHERE id = %s",
        json.dumps(document).encode(),
        made.id,
    )
    data = counts.disclosure_of_counts()
    broken = {trial.name for trial in (*data.conservation, data.replay) if trial and trial.broken}
    assert {
        "reports-are-as-logged",
        "no-small-count-is-shown",
        "nothing-more-to-withhold",
    } <= broken
    assert examine(data)[0] == "unfair"
