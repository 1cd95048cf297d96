"""Near records through the pipeline: over people, over time, over the edges of rounding."""

from __future__ import annotations

import pytest

from contributions.models import Contribution, RecordFingerprint
from contributions.pipeline.stages import check
from contributions.selectors import stock
from contributions.withdrawal.services import withdraw
from tests.cast import actor, charlie, joon, mina
from tests.contributions.seoul import air_csv, handed_in, published

pytestmark = pytest.mark.django_db(transaction=True)

#: Values on both sides of where rounding to whole numbers changes.
ROWS = [f"202611{day:02d},종로구,{day}.49" for day in range(10, 20)]
OVER_THE_EDGE = [row.replace(".49", ".51") for row in ROWS]


def counts(made: Contribution) -> tuple[int, int]:
    made.refresh_from_db()
    assert made.received == made.accepted + made.quarantined + made.duplicate
    assert RecordFingerprint.objects.filter(contribution=made).count() == made.accepted
    return made.accepted, made.duplicate


@pytest.fixture(autouse=True)
def _call() -> None:
    published(duplicates={"key": None, "near": {"PM10": 0}})


def test_noise_over_the_edge_of_rounding_makes_no_record() -> None:
    first = check(handed_in(mina(), air_csv(*ROWS)).id)
    second = check(handed_in(joon(), air_csv(*OVER_THE_EDGE)).id)
    assert (counts(first), counts(second)) == ((10, 0), (0, 10))
    within = check(handed_in(charlie(), air_csv("1,강남구,0.99", "1,강남구,1.01")).id)
    assert counts(within) == (1, 1)
    assert stock("air-daily") == {"district": {"11110": 10_000, "11680": 1_000}}


def test_whole_units_apart_are_records_of_their_own() -> None:
    check(handed_in(mina(), air_csv(*ROWS)).id)
    others = [row.replace(".49", ".49").replace(f",{day}.", f",{day + 2}.")
              for day, row in enumerate(ROWS, start=10)]  # fmt: skip
    assert counts(check(handed_in(joon(), air_csv(*others)).id)) == (10, 0)


def test_who_sent_first_counts_also_when_checked_last() -> None:
    first = handed_in(mina(), air_csv(*ROWS))
    second = handed_in(joon(), air_csv(*OVER_THE_EDGE))
    check(second.id)
    check(first.id)
    assert (counts(first), counts(second)) == ((10, 0), (0, 10))


def test_when_the_first_leaves_the_next_inherits_the_cluster() -> None:
    first = check(handed_in(mina(), air_csv(*ROWS)).id)
    second = check(handed_in(joon(), air_csv(*OVER_THE_EDGE)).id)
    third = check(handed_in(charlie(), air_csv(*ROWS)).id)
    withdraw(acting=actor(mina()), receipt=first.receipt)
    assert (counts(second), counts(third)) == ((10, 0), (0, 10))


def test_a_call_with_many_anchors_is_asked_and_not_read_whole() -> None:
    many = [f"{number},강남구,5" for number in range(200)]
    check(handed_in(mina(), air_csv(*many, *ROWS)).id)
    assert counts(check(handed_in(joon(), air_csv(OVER_THE_EDGE[0])).id)) == (0, 1)
