"""Kang tries a call with a sample: the answer is what the pipeline would say, and nothing stays."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.utils.translation import override

from contributions.calls.services import register_reference
from contributions.calls.trial import Trial, try_sample
from contributions.models import Contribution
from contributions.pipeline.stages import check
from dure.core.models import Blob
from dure.core.problems import Problem
from governance.models import LogEntry
from tests import cast
from tests.portal import city

pytestmark = pytest.mark.django_db

ROWS = [
    "2026-11-01,11320,31",
    "2026-11-01,11320,31.0",  # the same record again
    "2026-11-02,11680,5000",  # above what the check allows
    "yesterday,11680,12",  # no date
    "2026-11-03,99999,12",  # in no stratum
    "2026-11-04,11680,",
]


def tried(*rows: str, document: dict[str, Any] | None = None) -> Trial:  # Any: JSON
    """What a sample with these rows would come to."""
    return try_sample(
        acting=cast.actor(cast.kang()),
        document=document or city.call_document(),
        stream=city.csv_file(*rows),
        filename="sample.csv",
        content_type="text/csv",
    )


def test_a_sample_ends_as_the_same_file_would_in_the_pipeline() -> None:
    city.open_call()
    sample = tried(*ROWS)
    real = check(city.contribution_of(cast.mina(), *ROWS).id)
    assert (sample.state, sample.score) == (real.state, real.quality_score)
    assert (sample.received, sample.accepted, sample.quarantined, sample.duplicate) == (
        real.received,
        real.accepted,
        real.quarantined,
        real.duplicate,
    )
    assert sample.mass == real.mass
    (district,) = sample.dimensions
    assert district.unmapped == real.unmapped["district"] == 1
    masses = {row.label["en"]: row.mass for row in district.strata}
    assert (masses["Dobong-gu"], masses["Gangnam-gu"], sum(masses.values())) == (1000, 1000, 2000)
    assert [(each["row"], each["column"]) for each in sample.findings] == [(3, "pm10"), (4, "date")]
    assert sample.checks == real.checks
    assert [(each["passed"], each["failing"]) for each in sample.checks] == [(False, 1)]


def test_nothing_of_a_sample_is_kept() -> None:
    register_reference(acting=cast.actor(cast.kang()), document=city.reference_document())
    before = LogEntry.objects.count()
    tried(*ROWS)
    assert not Contribution.objects.exists()
    assert not Blob.objects.exists()
    assert LogEntry.objects.count() == before


def test_a_sample_says_why_a_file_would_be_returned_or_rejected() -> None:
    register_reference(acting=cast.actor(cast.kang()), document=city.reference_document())
    with override("en"):
        over = tried("x,11320,1", "y,11320,1", "2026-11-01,11320,1")
    assert over.state == "returned"
    assert over.reason.startswith("2 of 3 rows were set aside")
    rejected = tried("2026-11-01,900101-1234568,1")
    assert rejected.state == "rejected"
    other = io.BytesIO(b"a,b\n1,2\n")
    columns = try_sample(
        acting=cast.actor(cast.kang()),
        document=city.call_document(),
        stream=other,
        filename="x.csv",
        content_type="text/csv",
    )
    assert columns.state == "returned"
    assert "pm10" in columns.reason


def test_near_repeats_are_counted_as_the_call_says() -> None:
    register_reference(acting=cast.actor(cast.kang()), document=city.reference_document())
    document = city.call_document() | {"duplicates": {"key": None, "near": {"pm10": 0}}}
    near = tried("2026-11-01,11320,31", "2026-11-01,11320,31.2", document=document)
    assert (near.accepted, near.duplicate) == (1, 1)


def test_only_operators_try_samples_and_no_sample_is_endless() -> None:
    register_reference(acting=cast.actor(cast.kang()), document=city.reference_document())
    with pytest.raises(Problem) as refusal:
        try_sample(
            acting=cast.actor(cast.mina()),
            document=city.call_document(),
            stream=city.csv_file(),
            filename="x.csv",
            content_type="text/csv",
        )
    assert refusal.value.kind.status == 403
    with pytest.raises(Problem) as refusal:
        tried(*["2026-11-01,11320,1"] * 20_001)
    assert refusal.value.kind.code == "file-unreadable"
    with pytest.raises(Problem) as refusal:
        tried("2026-11-01,11320,1", document=city.call_document() | {"tolerance": "2"})
    assert refusal.value.kind.code == "call-invalid"
