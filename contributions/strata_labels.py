"""Names of the strata that Korean cities share: Seoul's districts, age bands and sex.

District codes are the five digits of the Ministry of the Interior and Safety (행정표준코드).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

Label = Mapping[str, str]

_SEOUL = (
    ("11110", "종로구", "Jongno-gu"),
    ("11140", "중구", "Jung-gu"),
    ("11170", "용산구", "Yongsan-gu"),
    ("11200", "성동구", "Seongdong-gu"),
    ("11215", "광진구", "Gwangjin-gu"),
    ("11230", "동대문구", "Dongdaemun-gu"),
    ("11260", "중랑구", "Jungnang-gu"),
    ("11290", "성북구", "Seongbuk-gu"),
    ("11305", "강북구", "Gangbuk-gu"),
    ("11320", "도봉구", "Dobong-gu"),
    ("11350", "노원구", "Nowon-gu"),
    ("11380", "은평구", "Eunpyeong-gu"),
    ("11410", "서대문구", "Seodaemun-gu"),
    ("11440", "마포구", "Mapo-gu"),
    ("11470", "양천구", "Yangcheon-gu"),
    ("11500", "강서구", "Gangseo-gu"),
    ("11530", "구로구", "Guro-gu"),
    ("11545", "금천구", "Geumcheon-gu"),
    ("11560", "영등포구", "Yeongdeungpo-gu"),
    ("11590", "동작구", "Dongjak-gu"),
    ("11620", "관악구", "Gwanak-gu"),
    ("11650", "서초구", "Seocho-gu"),
    ("11680", "강남구", "Gangnam-gu"),
    ("11710", "송파구", "Songpa-gu"),
    ("11740", "강동구", "Gangdong-gu"),
)
DISTRICTS: Mapping[str, Label] = MappingProxyType(
    {code: MappingProxyType({"ko": ko, "en": en}) for code, ko, en in _SEOUL}
)
#: Name as Korean data writes it → code, for the `map` of a call.
DISTRICT_CODES: Mapping[str, str] = MappingProxyType({ko: code for code, ko, _ in _SEOUL})

AGE_BANDS: Mapping[str, Label] = MappingProxyType(
    {
        "0-9": {"ko": "9세 이하", "en": "9 and under"},
        **{
            f"{start}-{start + 9}": {"ko": f"{start}대", "en": f"{start}–{start + 9}"}
            for start in range(10, 70, 10)
        },
        "70+": {"ko": "70세 이상", "en": "70 and over"},
    }
)
SEXES: Mapping[str, Label] = MappingProxyType(
    {"F": {"ko": "여성", "en": "Women"}, "M": {"ko": "남성", "en": "Men"}}
)

_BY_SOURCE: Mapping[str, Mapping[str, Label]] = MappingProxyType(
    {
        "district": DISTRICTS,
        "age_band": AGE_BANDS,
        "age": AGE_BANDS,
        "sex": SEXES,
    }
)
DIMENSIONS: Mapping[str, Label] = MappingProxyType(
    {
        "district": {"ko": "자치구", "en": "District"},
        "age_band": {"ko": "연령대", "en": "Age band"},
        "age": {"ko": "연령대", "en": "Age band"},
        "sex": {"ko": "성별", "en": "Sex"},
    }
)


def label(dimension: str, key: str, own: Mapping[str, Mapping[str, Label]] | None = None) -> Label:
    """Name of a stratum in ko and en; a reference's own labels come first, its key is last."""
    given = (own or {}).get(dimension, {}).get(key)
    if given:
        return given
    return _BY_SOURCE.get(dimension, {}).get(key) or {"ko": key, "en": key}


def dimension_label(dimension: str) -> Label:
    """Name of a dimension in ko and en; an unknown one is called by its key."""
    return DIMENSIONS.get(dimension) or {"ko": dimension, "en": dimension}
