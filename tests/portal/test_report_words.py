"""A report in the reader's words, each figure with the value of the document beside it."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils.translation import override

from governance.reports.documents import Table
from portal.auditor.report_words import table_view
from tests import cast
from tests.rewards import city

REWARDS: Table = {
    "key": "calls",
    "title": {"ko": "모집별 보상", "en": "Rewards by call"},
    "columns": [
        {"key": "call", "label": {"ko": "모집", "en": "Call"}},
        {"key": "title", "label": {"ko": "이름", "en": "Title"}},
        {"key": "asset", "label": {"ko": "자산", "en": "Asset"}},
        {"key": "paid", "label": {"ko": "지급", "en": "Paid"}},
        {"key": "at", "label": {"ko": "시각", "en": "At"}},
    ],
    "rows": [
        {"call": "air", "title": {"ko": "공기", "en": "Air"}, "asset": "DURE", "paid": "12.5",
         "at": "2026-11-22T22:10:29Z"},
        {"call": "trips", "title": {"ko": "이동", "en": "Trips"}, "asset": "DURE", "paid": "50",
         "at": "2026-11-22T22:10:29Z"},
        {"call": "shops", "title": {"ko": "상권", "en": "Shops"}, "asset": "KRW", "paid": None,
         "at": "2026-11-22T22:10:29Z"},
    ],
}  # fmt: skip


def test_slugs_units_and_times_are_put_into_words() -> None:
    with override("en"):
        view = table_view(REWARDS, {"air": "Air", "trips": "Trips"})
    assert [column.label for column in view.columns] == ["Call", "Paid", "At"]
    assert [column.is_number for column in view.columns] == [False, True, False]
    cells = [[cell.text for _column, cell in row] for row in view.rows]
    assert cells[0] == ["Air", "12.50 DURE", "23 November 2026 07:10"]
    assert cells[2][:2] == ["shops", "withheld"]
    assert view.rows[0][1][1].value == "12.5"


def test_amounts_of_different_assets_are_not_drawn_side_by_side() -> None:
    with override("en"):
        view = table_view(REWARDS, {"air": "Air", "trips": "Trips"})
    (chart,) = view.charts
    assert [(bar.label, bar.text) for bar in chart.bars] == [
        ("Air", "12.50 DURE"), ("Trips", "50 DURE"),
    ]  # fmt: skip
    assert chart.label.endswith("(DURE)")


@pytest.mark.django_db
def test_a_report_names_calls_by_their_title_and_no_time_of_a_machine(client: Client) -> None:
    call = city.published_call()
    city.contribution(call, cast.mina().party_id, city.dobong(3), accepted=3)
    cast.log_in(client, cast.kang())
    client.post(f"/en/console/epochs/{city.SLUG}/closing/")
    client.post("/en/console/reports/", {"period": "2026-q4"})
    page = client.get("/en/transparency/2026-q4/").content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    assert f">{city.SLUG}<" not in main
    assert not re.search(r">[^<]*\d{4}-\d\d-\d\dT", main)
