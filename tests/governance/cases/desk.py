"""Seo at work: a case, a sample and a finding to test with."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from dure.core import clock
from governance.cases.findings import publish_finding
from governance.cases.samples import commit_sample, draw_sample
from governance.cases.sampling import seed_hash
from governance.cases.services import open_case
from governance.log.services import sequence
from governance.models import AuditCase, AuditFinding, AuditSample, SampleDrawing
from tests.cast import actor, seo

SEED = "b3BlbiBhbmQgc2hhcmVkLg"
ALGORITHM = "disclosure-control"


def day(days: int) -> date:
    return (clock.now() + timedelta(days=days)).date()


def case(**changes: Any) -> AuditCase:  # Any: arguments of the service
    """Seo examines disclosure control for a month."""
    stated = {
        "title": "통계 노출 방지 점검",
        "about_kind": "algorithm",
        "about_id": ALGORITHM,
        "last_day": day(30),
        **changes,
    }
    return open_case(acting=actor(seo()), **stated)


def committed(found: AuditCase, **changes: Any) -> AuditSample:  # Any: arguments of the service
    """Two log entries of one kind are to be drawn; the log has them signed."""
    size = sequence_and_size()
    stated = {
        "population_kind": "entries",
        "population_id": f"role.granted:{size}",
        "size": 2,
        "seed_sha256": seed_hash(SEED),
        **changes,
    }
    return commit_sample(acting=actor(seo()), case=found, **stated)


def sequence_and_size() -> int:
    """Signs what waits; how many entries the log then has."""
    from governance.models import LogCheckpoint

    sequence()
    newest = LogCheckpoint.objects.order_by("-size").first()
    return newest.size if newest is not None else 0


def drawn(sample: AuditSample, seed: str = SEED) -> SampleDrawing:
    sequence()
    return draw_sample(acting=actor(seo()), sample=sample, seed=seed)


def finding(found: AuditCase, **changes: Any) -> AuditFinding:  # Any: arguments of the service
    """A finding of medium weight with one entry of the log as evidence."""
    sequence()
    stated = {
        "kind": "process",
        "severity": "medium",
        "text": "표에 칸을 가린 이유가 적혀 있지 않습니다.",
        "language": "ko",
        "evidence": [0],
        **changes,
    }
    return publish_finding(acting=actor(seo()), case=found, **stated)
