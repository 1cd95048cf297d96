"""A small call for tests: published by two people, with contributions that were checked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from contributions.calls.services import draft_call, publish_call, register_reference
from contributions.models import Call, Contribution, StratumMass
from dure.core import outbox
from dure.core.clock import now
from dure.core.ids import new_receipt
from tests import cast

SLUG = "air-daily"
Masses = dict[str, dict[str, int]]


def document(**changes: Any) -> dict[str, Any]:
    """A call for two districts: four in five people live in Gangnam, one in Dobong."""
    return {
        "slug": SLUG,
        "title": {"ko": "대기질", "en": "Air"},
        "description": {"ko": "대기질을 모읍니다.", "en": "We collect air quality."},
        "schema": {"fields": [{"name": "구", "type": "string"}], "missingValues": [""]},
        "checks": [],
        "duplicates": {"key": ["구"], "near": None},
        "strata": [
            {"dimension": "district", "column": "구", "reference": "two-districts", "weight": "1"}
        ],
        "target_mass": 100,
        "method": "coverage",
        "pool": {"asset": "DURE", "amount": "1000"},
        "price_cap": "50",
        "tolerance": "0.2",
        "purposes": [
            {
                "key": "city-ai",
                "required": True,
                "notice": {"ko": "도시 모형에 씁니다.", "en": "Used for the city's models."},
            }
        ],
        "opens_at": "2026-11-01T00:00:00Z",
        "closes_at": None,
        "retention_days": 1825,
        "licence": "CC-BY-4.0",
        **changes,
    }


def published_call(**changes: Any) -> Call:
    """A call that Kang proposed and Lim published; its first epoch runs."""
    kang, lim = cast.actor(cast.kang()), cast.actor(cast.lim())
    register_reference(
        acting=kang,
        document={
            "key": "two-districts",
            "title": {"ko": "두 자치구", "en": "Two districts"},
            "source": "Test counts",
            "as_of": "2020-11-01",
            "dimensions": {"district": {"11680": 80, "11320": 20}, "sex": {"F": 51, "M": 49}},
        },
    )
    call = draft_call(acting=kang, document=document(**changes))
    publish_call(acting=kang, slug=call.slug)
    publish_call(acting=lim, slug=call.slug)
    outbox.drain()
    call.refresh_from_db()
    return call


def contribution(
    call: Call,
    party_id: UUID,
    masses: Masses,
    *,
    accepted: int,
    duplicate: int = 0,
    state: str = "accepted",
) -> Contribution:
    """A contribution as checking leaves it; masses in thousandths of a record."""
    assert call.published is not None
    moment = now()
    made = Contribution.objects.create(
        receipt=new_receipt(2026),
        call=call,
        call_version=call.published,
        party_id=party_id,
        state=state,
        reason_rule="" if state == "accepted" else "tests",
        received=accepted + duplicate,
        accepted=accepted,
        duplicate=duplicate,
        mass=max((sum(strata.values()) for strata in masses.values()), default=0),
        deadline_at=moment + timedelta(hours=1),
        submitted_at=moment,
        updated_at=moment,
        nudged_at=moment,
        accepted_at=moment,
        log_entry=uuid4(),
    )
    StratumMass.objects.bulk_create(
        StratumMass(contribution=made, dimension=dimension, key=key, mass=mass)
        for dimension, strata in masses.items()
        for key, mass in strata.items()
    )
    return made


def dobong(records: int) -> Masses:
    """Full records from Dobong-gu, where data is rare."""
    return {"district": {"11320": records * 1000}}


def gangnam(records: int) -> Masses:
    """Full records from Gangnam-gu."""
    return {"district": {"11680": records * 1000}}
