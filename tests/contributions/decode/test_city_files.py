"""Real files of the city, where they are at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from contributions.decode import Undecodable, decode, decode_apart
from contributions.privacy import scan
from contributions.schema import cast, match_columns

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
AIR = DATA / "air_daily"
POLLUTANTS = (
    "이산화질소농도(ppm)",
    "오존농도(ppm)",
    "일산화탄소농도(ppm)",
    "아황산가스농도(ppm)",
    "미세먼지농도(㎍/㎥)",
    "초미세먼지농도(㎍/㎥)",
)

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the city's files are not at hand")


@pytest.mark.parametrize(
    ("name", "encoding", "rows", "nulls"),
    [
        ("seoul_air_daily_2018_cp949.csv", "cp949", 14_637, 1_982),
        ("seoul_air_daily_2019_cp949.csv", "cp949", 17_745, 3_941),
        ("seoul_air_daily_2021_cp949.csv", "cp949", 18_250, 614),
        ("seoul_air_daily_2024_utf8bom.csv", "utf-8-sig", 18_300, 385),
    ],
)
def test_the_air_files_are_read_whole_and_without_a_finding(
    name: str, encoding: str, rows: int, nulls: int
) -> None:
    with (AIR / name).open("rb") as stream:
        decoded = decode(stream, filename=name, content_type="text/csv")
    assert (decoded.encoding, decoded.rows, decoded.null_cells) == (encoding, rows, nulls)
    assert decoded.ragged == ()
    verdict = scan(decoded.table, pseudonym_key=b"key")
    assert verdict.findings == []
    assert verdict.table.equals(decoded.table)
    schema = {
        "fields": [
            {"name": "측정일시", "type": "date", "format": "%Y%m%d"},
            {"name": "측정소명", "constraints": {"required": True}},
            *({"name": each, "type": "number"} for each in POLLUTANTS),
        ]
    }
    typed = cast(match_columns(decoded.table, schema), schema)
    assert not typed.bad_rows.any()
    assert int(typed.frame.isna().sum().sum()) == nulls


#: File → rows, columns with a name, empty cells, exact duplicates: as published with the files.
COUNTS = {
    "air_daily/seoul_air_daily_2018_cp949.csv": (14_637, 8, 1_982, 0),
    "air_daily/seoul_air_daily_2019_cp949.csv": (17_745, 8, 3_941, 0),
    "air_daily/seoul_air_daily_2021_cp949.csv": (18_250, 8, 614, 0),
    "air_daily/seoul_air_daily_2024_utf8bom.csv": (18_300, 8, 385, 0),
    "bike/seoul_bike_hourly_2018.csv": (8_760, 14, 0, 0),
    "bike/seoul_bike_stations_cp949.csv": (3_385, 5, 1_944, 0),
    "housing/apt_presale_price_2018_07_cp949.csv": (2_890, 5, 140, 0),
    "housing/seoul_housing_by_gu_cp949.csv": (100, 11, 0, 0),
    # A comma at the end of every line makes a 20th column of 17,967 further empty cells.
    "parks/korea_city_parks_cp949.csv": (17_967, 19, 100_942 - 17_967, 883),
    "population_2020/mois_gender_age1_2020_cp949.csv": (3_847, 207, 0, 0),
    "population_2020/seoul_dong_2020_cp949.csv": (450, 14, 0, 0),
    "population_2020/seoul_gu_sex_age5_2020.csv": (1_050, 6, 0, 0),
    "population_2020/seoul_history_1960_cp949.csv": (60, 14, 0, 0),
    "reference_codes/legal_dong_codes_cp949.csv": (46_180, 3, 0, 0),
    "sdot_sensor/sdot_columns.csv": (23, 3, 0, 0),
    "sdot_sensor/sdot_sensor_locations.csv": (851, 3, 0, 0),
    # The geometry is one column more than the properties.
    "seoul_boundaries/seoul_admin_dong_427.geojson": (427, 3 + 1, 0, 0),
    "seoul_boundaries/seoul_area_poi_xy.csv": (23, 8, 0, 0),
    "seoul_boundaries/seoul_gu_25_kostat2013.geojson": (25, 4 + 1, 0, 0),
    "subway_fee/seoul_subway_fee_2021_03_cp949.csv": (606, 8, 0, 0),
    "us_chicago_taxi/chicago_taxi_2022.csv": (10_000, 8, 0, 0),
    "us_chicago_transit/chicago_L_ridership_daily.csv": (5_698, 51, 0, 0),
    "us_seattle_pets/seattle_pet_licences.csv": (52_519, 8, 30_397, 0),
    "us_seattle_weather/seattle_weather.csv": (1_461, 6, 0, 0),
    "weather/seoul_weather_daily_since1907_cp949.csv": (40_660, 5, 2_271, 0),
}


@pytest.mark.parametrize("name", COUNTS)
def test_every_file_goes_in_with_its_published_counts(name: str) -> None:
    with (DATA / name).open("rb") as stream:
        decoded = decode_apart(stream, filename=Path(name).name, content_type="")
    assert decoded.ragged == ()
    assert decoded.notices == ()
    rows, columns, nulls, duplicates = COUNTS[name]
    assert (decoded.rows, decoded.table.num_columns, decoded.null_cells) == (rows, columns, nulls)
    records = set(zip(*decoded.table.to_pydict().values(), strict=True))
    assert rows - len(records) == duplicates


def test_every_file_is_counted_or_known_to_be_no_table() -> None:
    kinds = {path.suffix for path in DATA.rglob("*") if path.is_file()} - {".md"}
    files = {str(path.relative_to(DATA)) for kind in kinds for path in DATA.rglob(f"*{kind}")}
    topology = "uk_london_boundaries/london_boroughs_topojson.json"
    assert files == {*COUNTS, topology}
    with (DATA / topology).open("rb") as stream, pytest.raises(Undecodable) as caught:
        decode_apart(stream, filename="boroughs.json", content_type="application/json")
    assert caught.value.rule == "file.not_a_table"
    assert caught.value.params == {"kind": "TopoJSON"}
