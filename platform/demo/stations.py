"""Seoul's air-quality stations and the districts in which they stand.

A district station carries the name of its district. Roadside, park and mountain
stations are named after a place; those whose district is certain are listed, the
others stay unmapped: their records count, but in no district.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from demo.population import DISTRICTS, district_code

# station name -> Korean name of the district
_NAMED_AFTER_A_PLACE: Final[Mapping[str, str]] = {
    "강남대로": "서초구",
    "강변북로": "성동구",
    "공항대로": "강서구",
    "관악산": "관악구",
    "궁동": "구로구",
    "남산": "중구",
    "도산대로": "강남구",
    "동작대로": "동작구",
    "마포아트센터": "마포구",
    "북한산": "은평구",
    "서울숲": "성동구",
    "서울역": "용산구",
    "세곡": "강남구",
    "시흥대로": "금천구",
    "신촌로": "서대문구",
    "영등포로": "영등포구",
    "올림픽공원": "송파구",
    "자연사박물관": "서대문구",
    "정릉로": "성북구",
    "종로": "종로구",
    "천호대로": "강동구",
    "청계천로": "중구",
    "한강대로": "용산구",
    "항동": "구로구",
    "홍릉로": "동대문구",
    "화랑로": "노원구",
}


def stations() -> dict[str, str]:
    """Station name -> five-digit district code."""
    districts = {korean: code for code, (korean, _) in DISTRICTS.items()}
    places = {name: district_code(district) for name, district in _NAMED_AFTER_A_PLACE.items()}
    return districts | places


def stations_in(district: str) -> list[str]:
    """Names of the stations of a district code, the district's own station first."""
    own = DISTRICTS[district][0]
    others = [name for name, code in stations().items() if code == district and name != own]
    return [own, *sorted(others)]
