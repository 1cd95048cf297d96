"""The names of Seoul's strata."""

from __future__ import annotations

from contributions.strata_labels import (
    AGE_BANDS,
    DISTRICT_CODES,
    DISTRICTS,
    dimension_label,
    label,
)


def test_seoul_has_twenty_five_districts_under_their_own_codes() -> None:
    assert len(DISTRICTS) == len(DISTRICT_CODES) == 25
    assert DISTRICT_CODES["강동구"] == "11740"
    assert DISTRICTS["11110"] == {"ko": "종로구", "en": "Jongno-gu"}
    assert list(DISTRICTS) == sorted(DISTRICTS)
    assert all(name["ko"].endswith("구") for name in DISTRICTS.values())


def test_age_bands_are_those_of_verified_attributes() -> None:
    youngest, *others, oldest = AGE_BANDS
    assert (youngest, oldest, len(others)) == ("0-9", "70+", 6)


def test_a_reference_s_own_label_comes_first_and_the_key_is_the_last_resort() -> None:
    own = {"district": {"11110": {"ko": "한양", "en": "Hanyang"}}}
    assert label("district", "11110", own)["en"] == "Hanyang"
    assert label("district", "11320", own)["en"] == "Dobong-gu"
    assert label("season", "winter") == {"ko": "winter", "en": "winter"}
    assert dimension_label("sex") == {"ko": "성별", "en": "Sex"}
