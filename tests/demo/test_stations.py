from __future__ import annotations

import csv
from pathlib import Path

import pytest

from demo.population import DISTRICTS
from demo.stations import stations, stations_in

REAL_FILES = Path(__file__).resolve().parents[3] / "shared" / "data" / "air_daily"


def test_every_district_has_its_own_station() -> None:
    for code, (korean, _) in DISTRICTS.items():
        assert stations()[korean] == code
        assert stations_in(code)[0] == korean


def test_roadside_stations_belong_to_the_district_in_which_they_stand() -> None:
    assert stations()["강남대로"] == "11650"  # Seocho-gu, in spite of its name
    assert stations()["종로"] == "11110"
    assert set(stations().values()) == set(DISTRICTS)


def test_a_station_outside_the_city_is_in_no_district() -> None:
    assert "행주" not in stations()


@pytest.mark.skipif(not REAL_FILES.is_dir(), reason="the published measurements are not here")
def test_all_stations_of_the_published_files_but_one_are_placed() -> None:
    found: set[str] = set()
    for file in REAL_FILES.glob("*.csv"):
        encoding = "utf-8-sig" if "utf8" in file.name else "cp949"
        with file.open(encoding=encoding, newline="") as source:
            found |= {row["측정소명"] for row in csv.DictReader(source)}
    assert found - set(stations()) == {"행주"}
