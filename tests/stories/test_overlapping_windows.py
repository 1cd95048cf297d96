"""Hanbit pushes a window every hour, each overlapping half of the one before.

A sensor network rarely knows what already arrived, so that it sends a little more each time. Every
record counts once, and no push comes back because of what it repeats.
"""

from __future__ import annotations

import json

import pytest

from contributions.models import Contribution
from contributions.pipeline.stages import check
from contributions.selectors import stock
from tests.cast import api, hana, hanbit
from tests.contributions.conftest import _warm_engine
from tests.contributions.seoul import published

__all__ = ["_warm_engine"]

pytestmark = pytest.mark.django_db(transaction=True)

WINDOW, STEP, PUSHES = 20, 10, 8


def record(number: int) -> dict[str, object]:
    return {
        "측정일시": f"2026110{1 + number // 24}{number % 24:02d}",
        "측정소명": "종로구",
        "PM10": 20 + number % 30,
    }


@pytest.mark.parametrize("near", [None, {"PM10": 0}])
def test_each_record_of_overlapping_windows_counts_once(near: dict[str, int] | None) -> None:
    published(duplicates={"key": ["측정일시", "측정소명", "PM10"], "near": near})
    pump = api(hana(), hanbit())
    for push in range(PUSHES):
        lines = [json.dumps(record(push * STEP + at)) for at in range(WINDOW)]
        answer = pump.post(
            "/api/v1/contributions/?call=air-daily&purpose=city-ai",
            "\n".join(lines),
            content_type="application/x-ndjson",
            headers={"Idempotency-Key": f"window-{push}"},
        )
        assert answer.status_code == 202, answer.content
        check(Contribution.objects.get(receipt=answer.json()["receipt"]).id)
    made = list(Contribution.objects.order_by("submitted_at"))
    assert {each.state for each in made} == {"accepted"}
    assert [each.duplicate for each in made] == [0] + [WINDOW - STEP] * (PUSHES - 1)
    assert sum(each.accepted for each in made) == WINDOW + STEP * (PUSHES - 1)
    assert stock("air-daily") == {"district": {"11110": sum(each.mass for each in made)}}
    repeated = pump.post(
        "/api/v1/contributions/?call=air-daily",
        "\n".join(json.dumps(record(at)) for at in range(WINDOW)),
        content_type="application/x-ndjson",
    )
    done = check(Contribution.objects.get(receipt=repeated.json()["receipt"]).id)
    assert (done.state, done.reason_rule) == ("accepted", "all-duplicates")
