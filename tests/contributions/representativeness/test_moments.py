from __future__ import annotations

from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from contributions.representativeness.moments import time_field, week_cells

SEOUL = ZoneInfo("Asia/Seoul")
SUNDAY = "2026-11-22"


def cells(*texts: str | None, zone: str = "Asia/Seoul", **field: str) -> list[str | None]:
    described = {"name": "t", "type": "datetime", **field}
    found: list[str | None] = week_cells(
        pa.array(texts, pa.string()), described, ZoneInfo(zone)
    ).to_pylist()
    return found


def test_a_time_without_an_offset_is_the_citys_own() -> None:
    assert cells(f"{SUNDAY} 23:59", f"{SUNDAY}T00:00:00", None) == ["6/23", "6/00", None]
    assert cells("2026-11-23 08", format="%Y-%m-%d %H") == ["0/08"]
    assert cells("2026.11.23 8:05", format="any") == ["0/08"]


def test_a_time_with_an_offset_is_turned_into_the_citys() -> None:
    assert cells(f"{SUNDAY}T23:30Z", f"{SUNDAY}T23:30:00+09:00") == ["0/08", "6/23"]
    assert cells(f"{SUNDAY}T23:30:00-0500") == ["0/13"]
    assert cells(f"{SUNDAY} 2330 +0000", format="%Y-%m-%d %H%M %z") == ["0/08"]


def test_a_zone_of_half_hours_and_summer_time_is_followed() -> None:
    assert cells("2026-11-22T18:45Z", zone="Asia/Kolkata") == ["0/00"]
    assert cells("2026-07-01T12:00Z", "2026-12-01T12:00Z", zone="Europe/Berlin") == [
        "2/14",
        "1/13",
    ]


def test_a_date_has_a_weekday_and_no_hour() -> None:
    assert cells("20261122", "20261123", "x", type="date", format="%Y%m%d") == ["6", "0", None]
    assert cells(type="date") == []


@pytest.mark.parametrize(
    ("kinds", "found"),
    [
        (["date", "string", "datetime"], "c2"),
        (["string", "date", "date"], "c1"),
        (["string", "number"], None),
    ],
)
def test_the_first_time_of_a_schema_says_when(kinds: list[str], found: str | None) -> None:
    field = time_field([{"name": f"c{at}", "type": kind} for at, kind in enumerate(kinds)])
    assert (field["name"] if field else None) == found
