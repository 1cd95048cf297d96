"""A small Seoul for the stories: one reference population, one call for air measurements."""

from __future__ import annotations

import io
from typing import Any

from contributions.calls.services import draft_call, publish_call, register_reference
from contributions.intake.services import submit
from contributions.models import Call, CallVersion, Contribution
from dure.accounts.models import Person
from dure.core import outbox
from tests.cast import actor, kang, lim

Document = dict[str, Any]  # Any: JSON

REFERENCE: Document = {
    "key": "seoul-three",
    "title": {"ko": "세 자치구", "en": "Three districts"},
    "source": "Statistics Korea, census 2020",
    "as_of": "2020-11-01",
    "dimensions": {"district": {"11110": 200, "11320": 300, "11680": 500}},
}

AIR: Document = {
    "slug": "air-daily",
    "title": {"ko": "대기질 일평균", "en": "Daily air quality"},
    "description": {"ko": "측정소별 일평균", "en": "Daily means by station"},
    "schema": {
        "fields": [
            {"name": "측정일시", "type": "string", "constraints": {"required": True}},
            {"name": "측정소명", "type": "string", "constraints": {"required": True}},
            {"name": "PM10", "type": "number"},
        ],
        "missingValues": [""],
    },
    "checks": [
        {
            "type": "expect_column_values_to_be_between",
            "kwargs": {"column": "PM10", "min_value": 0, "max_value": 1000},
            "severity": "critical",
        },
        {
            "type": "expect_column_values_to_not_be_null",
            "kwargs": {"column": "PM10"},
            "severity": "warning",
            "meta": {"loss": 300},
        },
    ],
    "duplicates": {"key": ["측정일시", "측정소명"], "near": None},
    "strata": [
        {
            "dimension": "district",
            "column": "측정소명",
            "reference": "seoul-three",
            "weight": "1",
            "map": {"종로구": "11110", "도봉구": "11320", "강남구": "11680"},
        }
    ],
    "target_mass": 100,
    "method": "coverage",
    "pool": {"asset": "DURE", "amount": "1000000"},
    "price_cap": "3",
    "tolerance": "0.2",
    "purposes": [
        {
            "key": "city-ai",
            "required": True,
            "notice": {"ko": "도시 인공지능 연구에 씁니다.", "en": "Used for urban AI."},
        },
        {
            "key": "research",
            "required": False,
            "notice": {"ko": "학술 연구에 씁니다.", "en": "Used for research."},
        },
    ],
    "opens_at": "2026-11-01T00:00:00Z",
    "closes_at": None,
    "retention_days": 1825,
    "licence": "CC-BY-4.0",
}

HEADER = "측정일시,측정소명,PM10"


def air_csv(*rows: str) -> bytes:
    """A file of the air call; rows as written, for example ``20261101,종로구,31``."""
    return "\n".join([HEADER, *rows, ""]).encode()


def twenty_rows(day: str = "20261101") -> bytes:
    """Twenty sound records of one day: ten hours in Jongno-gu, ten in Dobong-gu."""
    return air_csv(
        *(f"{day}{hour:02d},종로구,{20 + hour}" for hour in range(10)),
        *(f"{day}{hour:02d},도봉구,{30 + hour}" for hour in range(10)),
    )


def drafted(**changes: Any) -> Call:  # Any: JSON
    """Kang drafts the air call, with some fields changed."""
    register_reference(acting=actor(kang()), document=REFERENCE)
    return draft_call(acting=actor(kang()), document={**AIR, **changes})


def published(**changes: Any) -> CallVersion:  # Any: JSON
    """Kang drafts and proposes the air call, Lim approves it."""
    call = drafted(**changes)
    publish_call(acting=actor(kang()), slug=call.slug)
    return publish_call(acting=actor(lim()), slug=call.slug)


def handed_in(
    person: Person,
    data: bytes,
    *,
    slug: str = "air-daily",
    purposes: tuple[str, ...] = ("city-ai",),
    filename: str = "air.csv",
) -> Contribution:
    """Somebody hands a file in; checking has not begun."""
    return submit(
        acting=actor(person),
        party_id=person.party_id,
        call_slug=slug,
        stream=io.BytesIO(data),
        filename=filename,
        content_type="text/csv",
        purposes=list(purposes),
        language="ko",
    )


def news() -> None:
    """Deliver every event that is due."""
    while outbox.drain():
        pass
