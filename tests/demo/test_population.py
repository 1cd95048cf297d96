"""The counts are the published ones: every sum is checked against another one."""

from __future__ import annotations

import pytest

from demo import population
from demo.population import AGE_BANDS, DISTRICTS, SEOUL_TOTAL, persons
from dure.core.canonical import canonical_bytes


def test_seoul_has_its_official_number_of_residents() -> None:
    assert persons() == SEOUL_TOTAL == 9_668_465


def test_every_way_of_dividing_the_city_gives_the_same_total() -> None:
    assert len(DISTRICTS) == 25
    assert sum(population.by_district().values()) == SEOUL_TOTAL
    assert sum(population.by_sex().values()) == SEOUL_TOTAL
    assert sum(population.by_age_band().values()) == SEOUL_TOTAL


@pytest.mark.parametrize(
    ("district", "residents"),
    # Published totals of three districts: the smallest, a middle one and the largest.
    [("11140", 125_240), ("11320", 325_257), ("11710", 667_960)],
)
def test_districts_have_their_published_totals(district: str, residents: int) -> None:
    assert persons(district=district) == residents


def test_a_cell_is_the_part_of_both_its_margins() -> None:
    in_dobong = [persons(district="11320", sex="F", age_band=band) for band in AGE_BANDS]
    assert sum(in_dobong) == persons(district="11320", sex="F")
    assert in_dobong[0] == 9_055


def test_codes_are_the_ministrys_and_not_those_of_statistics_korea() -> None:
    # 11230 is Dongdaemun-gu to the ministry and Gangnam-gu to Statistics Korea.
    assert population.district_code("동대문구") == "11230"
    assert population.district_code("강남구") == "11680"


def test_reference_documents_are_canonical_and_name_their_source() -> None:
    documents = population.reference_documents()
    assert [document["key"] for document in documents] == [
        "seoul-districts-2020",
        "seoul-residents-2020",
    ]
    for document in documents:
        assert canonical_bytes(document)
        assert "행정안전부" in str(document["source"])
