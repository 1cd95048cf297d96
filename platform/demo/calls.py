"""The three calls of the demo city, as documents for `draft_call`.

One asks for measurements of places, one for answers of persons, one for the feed of
a firm: together they show the three ways in which a record finds its stratum.
"""

from __future__ import annotations

from typing import Final

from demo.population import DISTRICTS
from demo.stations import stations
from dure.core.canonical import Json

AIR_DAILY: Final = "air-daily"
MOBILITY_SURVEY: Final = "mobility-survey"
FOOTFALL_HOURLY: Final = "footfall-hourly"
SLUGS: Final = (AIR_DAILY, MOBILITY_SURVEY, FOOTFALL_HOURLY)

CITY_AI: Final = "city-ai"
RESEARCH: Final = "research"

AIR_DATE: Final = "측정일시"
AIR_STATION: Final = "측정소명"
# column -> (lowest, highest) value that an instrument can report. The ceilings spare true
# extremes: a dust storm has brought a daily mean of 517 ㎍/㎥ to Seoul.
AIR_MEASURES: Final[dict[str, tuple[int, int]]] = {
    "이산화질소농도(ppm)": (0, 2),
    "오존농도(ppm)": (0, 2),
    "일산화탄소농도(ppm)": (0, 50),
    "아황산가스농도(ppm)": (0, 2),
    "미세먼지농도(㎍/㎥)": (0, 2000),
    "초미세먼지농도(㎍/㎥)": (0, 1000),
}
_PARTICLES: Final = ("미세먼지농도(㎍/㎥)", "초미세먼지농도(㎍/㎥)")

PURPOSES_OF_TRIPS: Final = ("출근", "등교", "업무", "장보기", "여가", "병원", "귀가", "기타")
MODES_OF_TRIPS: Final = ("지하철", "버스", "승용차", "따릉이", "자전거", "도보", "택시", "기타")


def call_documents() -> list[dict[str, Json]]:
    """Documents of every call of the demo city."""
    return [_air_daily(), _mobility_survey(), _footfall_hourly()]


def _air_daily() -> dict[str, Json]:
    fields: list[Json] = [
        _field(AIR_DATE, "date", required=True, date_format="%Y%m%d"),
        _field(AIR_STATION, "string", required=True),
        *(_field(name, "number") for name in AIR_MEASURES),
    ]
    checks: list[Json] = [
        *(_between(name, low, high) for name, (low, high) in AIR_MEASURES.items()),
        # The particle counts are what the call is about: their absence costs more.
        *(_present(name, 250 if name in _PARTICLES else 100) for name in AIR_MEASURES),
    ]
    return {
        "slug": AIR_DAILY,
        "title": {
            "ko": "우리 동네 대기질 일별 측정",
            "en": "Daily air quality in my neighbourhood",
        },
        "description": {
            "ko": "동네에서 잰 하루 평균 대기질을 모읍니다. 측정값이 모자란 자치구의 기록일수록 "
            "값이 높습니다. 모인 자료는 서울의 대기질 예측 모형을 더 고르게 만드는 데 쓰입니다.",
            "en": "We collect daily means of air quality measured where people live. Records from "
            "districts with few measurements are worth more. The data makes the city's "
            "air-quality forecast fairer to every district.",
        },
        "schema": {"fields": fields, "missingValues": ["", "-"]},
        "checks": checks,
        "duplicates": {"key": [AIR_DATE, AIR_STATION], "near": None},
        "strata": [
            {
                "dimension": "district",
                "column": AIR_STATION,
                "reference": "seoul-districts-2020",
                "weight": "1",
                "map": dict(stations()),
            }
        ],
        "target_mass": 2000,
        "method": "coverage",
        "pool": {"asset": "DURE", "amount": "1000000"},
        "price_cap": "3",
        "tolerance": "0.2",
        "purposes": _purposes(
            "대기질을 예측하는 도시 인공지능을 만들고 점검하는 데",
            "to build and examine the city's air-quality models",
        ),
        "opens_at": "2026-11-01T00:00:00Z",
        "closes_at": None,
        "retention_days": 1825,
        "licence": "CC-BY-4.0",
        # Measured values of places tell nothing about those who read the instrument.
        "disclosure": {"quasi_identifiers": [], "unit": "record"},
    }


def _mobility_survey() -> dict[str, Json]:
    fields: list[Json] = [
        _field("응답일", "date", required=True, date_format="%Y-%m-%d"),
        _field("이동 목적", "string", required=True),
        _field("이동 수단", "string", required=True),
        _field("소요 시간(분)", "integer"),
        _field("만족도", "integer"),
        _field("의견", "string", example="출근 시간에 버스가 늦게 와요."),
    ]
    checks: list[Json] = [
        _one_of("이동 목적", PURPOSES_OF_TRIPS),
        _one_of("이동 수단", MODES_OF_TRIPS),
        _between("소요 시간(분)", 1, 300),
        _between("만족도", 1, 5),
        _present("소요 시간(분)", 300),
        _present("만족도", 200),
    ]
    weights = {"age_band": "0.4", "sex": "0.2", "district": "0.4"}
    return {
        "slug": MOBILITY_SURVEY,
        "title": {"ko": "나의 하루 이동 기록", "en": "My trips through the day"},
        "description": {
            "ko": "언제, 왜, 무엇을 타고 움직였는지 알려 주십시오. 출발지와 도착지는 묻지 "
            "않습니다. 연령대·성별·자치구는 확인된 회원 정보로만 계산하며, 응답이 적은 계층의 "
            "기록일수록 값이 높습니다.",
            "en": "Tell us why and how you travel. We do not ask where from or where to. Age band, "
            "sex and district come from your verified account only, and records from groups that "
            "answer rarely are worth more.",
        },
        "schema": {"fields": fields, "missingValues": [""]},
        "checks": checks,
        "duplicates": None,
        "strata": [
            {
                "dimension": dimension,
                "column": f"contributor.{dimension}",
                "reference": "seoul-residents-2020",
                "weight": weight,
            }
            for dimension, weight in weights.items()
        ],
        "target_mass": 3000,
        "method": "coverage",
        "pool": {"asset": "DURE", "amount": "500000"},
        "price_cap": "3",
        # What people say of themselves is checked now and then: a part of the reward waits for it.
        "deterrence": {"audit_rate": "0.3", "hold_back": "0.3", "hold_back_days": 60},
        "tolerance": "0.2",
        "purposes": _purposes(
            "대중교통 노선과 배차를 계획하는 데",
            "to plan public transport routes and intervals",
        ),
        "opens_at": "2026-11-01T00:00:00Z",
        "closes_at": None,
        "retention_days": 1095,
        "licence": "CC-BY-4.0",
    }


def _footfall_hourly() -> dict[str, Json]:
    fields: list[Json] = [
        _field("일시", "datetime", required=True, date_format="%Y-%m-%d %H:%M"),
        _field("지점코드", "string", required=True, example="시장입구1"),
        _field("자치구", "string", required=True),
        _field("시간대", "integer", required=True),
        _field("유동인구", "integer"),
        _field("체류시간(분)", "number"),
    ]
    checks: list[Json] = [
        _between("시간대", 0, 23),
        _between("유동인구", 0, 200_000),
        _between("체류시간(분)", 0, 1440),
        _present("유동인구", 500),
        _present("체류시간(분)", 100),
    ]
    return {
        "slug": FOOTFALL_HOURLY,
        "title": {"ko": "시간대별 상권 유동인구", "en": "Hourly footfall of shopping streets"},
        "description": {
            "ko": "매장과 거리의 계수기에서 나온 시간대별 유동인구를 받습니다. 개인을 알아볼 수 "
            "있는 정보는 받지 않으며, 보상은 원화로 지급합니다.",
            "en": "We take hourly counts from people counters in shops and streets. Nothing that "
            "identifies a person is accepted, and the reward is paid in won.",
        },
        "schema": {"fields": fields, "missingValues": [""]},
        "checks": checks,
        "duplicates": {"key": ["일시", "지점코드"], "near": None},
        "strata": [
            {
                "dimension": "district",
                "column": "자치구",
                "reference": "seoul-districts-2020",
                "weight": "1",
                "map": {korean: code for code, (korean, _) in DISTRICTS.items()},
            }
        ],
        "target_mass": 10_000,
        "method": "coverage",
        "pool": {"asset": "KRW", "amount": "20000000"},
        "price_cap": "3",
        "tolerance": "0.1",
        "purposes": _purposes(
            "상권의 변화를 살피고 소상공인을 돕는 정책을 세우는 데",
            "to follow how shopping streets change and to support small businesses",
        ),
        "opens_at": "2026-11-01T00:00:00Z",
        "closes_at": None,
        "retention_days": 1825,
        "licence": "CC-BY-4.0",
        "disclosure": {"quasi_identifiers": [], "unit": "record"},
    }


def _field(
    name: str,
    kind: str,
    *,
    required: bool = False,
    date_format: str | None = None,
    example: str = "",
) -> dict[str, Json]:
    field: dict[str, Json] = {"name": name, "type": kind}
    if date_format is not None:
        field["format"] = date_format
    if required:
        field["constraints"] = {"required": True}
    if example:
        field["example"] = example
    return field


def _between(column: str, low: int, high: int) -> dict[str, Json]:
    return {
        "type": "expect_column_values_to_be_between",
        "kwargs": {"column": column, "min_value": low, "max_value": high},
        "severity": "critical",
    }


def _present(column: str, loss_thousandths: int) -> dict[str, Json]:
    return {
        "type": "expect_column_values_to_not_be_null",
        "kwargs": {"column": column},
        "severity": "warning",
        "meta": {"loss": loss_thousandths},
    }


def _one_of(column: str, values: tuple[str, ...]) -> dict[str, Json]:
    return {
        "type": "expect_column_values_to_be_in_set",
        "kwargs": {"column": column, "value_set": list(values)},
        "severity": "critical",
    }


def _purposes(korean_use: str, english_use: str) -> list[Json]:
    """One required purpose with the given use, and research as an optional one."""
    return [
        {
            "key": CITY_AI,
            "required": True,
            "notice": {
                "ko": f"서울시는 보내 주신 기록을 {korean_use} 씁니다. 보유 기간이 지나면 "
                "파기합니다. 동의하지 않으실 수 있으나, 그러면 이 모집에 참여하실 수 없습니다. "
                "동의는 언제든지 철회하실 수 있습니다.",
                "en": f"The city uses the records you send {english_use}. They are destroyed when "
                "the retention period ends. You may refuse, but then you cannot take part in "
                "this call. You can withdraw your consent at any time.",
            },
        },
        {
            "key": RESEARCH,
            "required": False,
            "notice": {
                "ko": "대학과 공공 연구기관이 공익 목적의 연구에 쓰도록 가명 처리하여 제공하는 데 "
                "동의합니다. 동의하지 않으셔도 참여와 보상에는 아무런 불이익이 없습니다.",
                "en": "I agree that the records are given, pseudonymised, to universities and "
                "public research institutes for research in the public interest. Refusing has no "
                "effect on taking part or on the reward.",
            },
        },
    ]
