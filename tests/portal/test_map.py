"""The map of the districts says in words what it shows in colours."""

from __future__ import annotations

import pytest
from django.utils import translation

from contributions.strata_labels import DISTRICTS
from portal.maps.district_map import district_map, shade_of
from portal.strata import StratumRow


def row(have: str, multiplier: str | None = "1", target: str = "100000") -> StratumRow:
    return StratumRow("district", "11320", "Dobong-gu", have, target, "1", multiplier)


def test_all_25_districts_are_drawn_and_join_by_code() -> None:
    drawn = district_map({}).districts
    assert {district.code for district in drawn} == set(DISTRICTS)
    assert all(district.path.startswith("M") for district in drawn)


@pytest.mark.parametrize(
    ("have", "multiplier", "shade"),
    [
        ("49999", "1", "1"),
        ("50000", "1", "2"),
        ("80000", "1", "3"),
        ("99999", "1", "3"),
        ("100000", "1", "4"),
        ("90000", "1.25", "low"),
        ("10", None, "1"),
    ],
)
def test_amber_marks_the_under_represented_and_blue_the_coverage(
    have: str, multiplier: str | None, shade: str
) -> None:
    assert shade_of(row(have, multiplier)) == shade


def test_every_fill_on_the_map_is_in_its_legend() -> None:
    drawn = district_map({"11320": row("10", "1.8"), "11680": row("100000", "0.5")})
    assert {district.shade for district in drawn.districts} <= {e.shade for e in drawn.legend}


def test_a_district_speaks_the_language_of_the_reader() -> None:
    with translation.override("ko"):
        drawn = district_map({"11320": row("41000", "1.8")}).districts
        sentences = {district.code: district.sentence for district in drawn}
    assert sentences["11320"] == "도봉구: 충족률 41%, 보상 1.8배"


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_districts_that_are_missed_most_are_named_and_nothing_stands_across_their_names(
    language: str,
) -> None:
    """Dongdaemun and Seongdong are too narrow for their Latin names."""
    rows = {
        code: StratumRow("district", code, code, "0", "100000", price, multiplier)
        for code, price, multiplier in (
            *((code, "1", "1") for code in DISTRICTS),
            ("11230", "9", "1.8"),
            ("11200", "8", "1.7"),
        )
    }
    with translation.override(language):
        drawn = {each.code: each for each in district_map(rows).districts}
    for code in ("11230", "11200"):
        assert drawn[code].missed
        assert drawn[code].far_label
        assert drawn[code].near_label
    assert sum(each.missed for each in drawn.values()) == 2
    if language == "en":
        assert not drawn["11140"].near_label, "Jung is beside Seongdong"
