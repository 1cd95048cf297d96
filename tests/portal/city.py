"""A small city to look at: one open call with strata of districts, and what residents sent."""

from __future__ import annotations

import io
from typing import Any

from contributions.calls.services import draft_call, publish_call, register_reference
from contributions.intake.services import submit
from contributions.models import Contribution
from dure.accounts.models import Person
from tests import cast

SLUG = "air-test"
HEADER = "date,district,pm10"
_DISTRICTS = {"11320": 313_000, "11680": 537_000, "11110": 149_000, "11350": 519_000}


def call_document(slug: str = SLUG) -> dict[str, Any]:  # Any: the call document is JSON
    """A call that asks for dust measurements by district."""
    return {
        "slug": slug,
        "title": {"ko": "동네 미세먼지", "en": "Neighbourhood dust"},
        "description": {"ko": "동네에서 잰 미세먼지를 모읍니다.", "en": "Dust measured at home."},
        "schema": {
            "fields": [
                {"name": "date", "type": "date", "constraints": {"required": True}},
                {"name": "district", "type": "string", "constraints": {"required": True}},
                {"name": "pm10", "type": "number"},
            ],
            "missingValues": [""],
        },
        "checks": [
            {
                "type": "expect_column_values_to_be_between",
                "kwargs": {"column": "pm10", "min_value": 0, "max_value": 1000},
                "severity": "critical",
            }
        ],
        "duplicates": {"key": ["date", "district"], "near": None},
        "strata": [
            {
                "dimension": "district",
                "column": "district",
                "reference": "districts-test",
                "weight": "1",
            }
        ],
        "target_mass": 100,
        "method": "coverage",
        "pool": {"asset": "DURE", "amount": "1000000"},
        "price_cap": "3",
        "tolerance": "0.5",
        "purposes": [
            {
                "key": "city-ai",
                "required": True,
                "notice": {"ko": "도시 인공지능에 씁니다.", "en": "Used for city AI."},
            },
            {
                "key": "research",
                "required": False,
                "notice": {"ko": "연구에 제공합니다.", "en": "Given to research."},
            },
        ],
        "opens_at": "2026-01-01T00:00:00Z",
        "closes_at": None,
        "retention_days": 365,
        "licence": "CC-BY-4.0",
    }


def reference_document() -> dict[str, Any]:  # Any: JSON
    """Population of four districts."""
    return {
        "key": "districts-test",
        "title": {"ko": "자치구 인구", "en": "Districts"},
        "source": "행정안전부, 2020",
        "as_of": "2020-12-31",
        "dimensions": {"district": dict(_DISTRICTS)},
    }


def open_call() -> str:
    """Publish the call, proposed by one operator and approved by another."""
    kang, lim = cast.actor(cast.kang()), cast.actor(cast.lim())
    register_reference(acting=kang, document=reference_document())
    draft_call(acting=kang, document=call_document())
    publish_call(acting=kang, slug=SLUG)
    publish_call(acting=lim, slug=SLUG)
    return SLUG


def csv_file(*rows: str, name: str = "dust.csv") -> io.BytesIO:
    """A file as a browser sends it."""
    file = io.BytesIO("\n".join((HEADER, *rows, "")).encode())
    file.name = name
    return file


def contribution_of(person: Person, *rows: str) -> Contribution:
    """Hand a file in for a person, as the API would."""
    return submit(
        acting=cast.actor(person),
        party_id=person.party_id,
        call_slug=SLUG,
        stream=csv_file(*(rows or ("2026-11-01,11320,31",))),
        filename="dust.csv",
        content_type="text/csv",
        purposes=["city-ai"],
        language="en",
    )
