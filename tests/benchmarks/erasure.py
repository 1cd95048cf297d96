"""How long it takes to erase one person who contributed a great deal.

The person's contributions are of one record each, handed in and checked through the pipeline; a
neighbour contributed as much and has to keep everything.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from tests.benchmarks.measure import Figure, Size, stopwatch

COUNTS: dict[Size, int] = {"quick": 100, "normal": 1_000, "full": 10_000}
GOAL_S = 60.0
GOAL_COUNT = 10_000


def run(size: Size) -> list[Figure]:
    from django.conf import settings
    from django.db import connection

    from contributions.models import Contribution, RecordFingerprint, State
    from dure.core.models import Blob
    from governance.erasure.services import erase
    from governance.log.services import sequence
    from governance.log.verify import Outcome, verify_log
    from tests.cast import actor, joon, kang, mina
    from tests.contributions.seoul import published

    count = COUNTS[size]
    published(tolerance="1", checks=[])
    leaving, staying = mina(), joon()
    _contribute(leaving, count, day=20200101)
    _contribute(staying, 20, day=20200101)
    kept = Contribution.objects.filter(party=staying.party_id, state=State.ACCEPTED).count()
    statements = 0

    def counted(execute: Any, *about: Any) -> Any:  # Any: as Django hands it over
        nonlocal statements
        statements += 1
        return execute(*about)

    with tempfile.TemporaryDirectory(prefix="dure-bench-") as folder:
        settings.TOMBSTONES = Path(folder) / "tombstones.jsonl"
        with connection.execute_wrapper(counted), stopwatch() as taken:
            erase(acting=actor(kang()), party_id=leaving.party_id)
    sequence()
    held = Contribution.objects.filter(party=leaving.party_id)
    assert held.count() == held.filter(state=State.WITHDRAWN).count() == count
    assert not Blob.objects.filter(owner=leaving.party_id, purged_at=None).exists()
    assert not RecordFingerprint.objects.filter(contribution__party=leaving.party_id).exists()
    assert Contribution.objects.filter(party=staying.party_id, state=State.ACCEPTED).count() == kept
    assert verify_log().outcome is Outcome.OK
    for_goal = taken.seconds * GOAL_COUNT / count
    return [
        Figure(
            f"erasing a person with {count} contributions, for {GOAL_COUNT} of them",
            for_goal,
            "s",
            against="the goal",
            their_value=GOAL_S,
            ratio=GOAL_S / for_goal,
            goal="60 s",
        ),
        Figure(
            "statements to the database for each contribution", statements / count, "statements"
        ),
    ]


def _contribute(person: object, count: int, *, day: int) -> None:
    """So many contributions of one record each, checked; who hands in the same comes second."""
    from contributions.models import Contribution, State
    from contributions.pipeline.together import check_together
    from dure.accounts.models import Person
    from tests.contributions.seoul import air_csv, handed_in

    assert isinstance(person, Person)
    for number in range(count):
        hour = f"{day + number // 24}{number % 24:02d}"
        handed_in(person, air_csv(f"{hour},종로구,{20 + number % 50}"))
    waiting = Contribution.objects.filter(party=person.party_id, state=State.RECEIVED)
    for contribution_id in waiting.values_list("id", flat=True):
        check_together(contribution_id)
