"""The story of a database that is killed while contributions are checked: `python -m` this module.

It has a city of its own (database, broker, worker) below DURE_VAR, so that the tests keep theirs.
At each moment the worker kills PostgreSQL with -9; the story starts it again. The last line that it
prints is JSON: for each moment what came of the contribution and of its undisturbed twin, and the
seconds from the kill to the end.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

MOMENTS = (
    ("quality", "before", "air.dat"),
    ("duplicates", "settling", "air.dat"),
    ("together", "settling", "air.csv"),
)
LEASE_S = 4.0
LIMIT_S = 120.0


def main() -> int:
    import django

    # Whoever loses patience ends the story in order: its servers must not outlive it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from dure.embedded import broker, postgres
    from dure.embedded.processes import Process

    places = settings.PLACES
    faults = Path(settings.VAR_DIR) / "faults"
    faults.mkdir(parents=True)
    arguments = (
        str(Path(sys.executable).parent / "celery"), "-A", "tests.stories.faulty", "worker",
        "--queues", "default,quality", "--concurrency", "2", "--beat",
        "--schedule", str(Path(settings.VAR_DIR) / "beat"), "--without-gossip",
        "--without-mingle", "--loglevel", "WARNING",
    )  # fmt: skip
    environment = {
        "STORY_FAULTS": str(faults),
        "STORY_DATABASE": str(places.postgres_data),
        "STORY_LEASE_S": str(LEASE_S),
    }
    server = broker.process(places)
    worker = Process(places, "worker-faulty", arguments, environment)
    try:
        postgres.start(places)
        call_command("migrate", verbosity=0)
        server.start()
        worker.start()
        found = _story(places, faults)
    finally:
        worker.stop()
        server.stop()
        postgres.stop(places)
    print(json.dumps(found, default=str))
    return 0


def _story(places: Any, faults: Path) -> list[Any]:  # Any: dure's own; JSON
    from contributions.pipeline.stages import check
    from contributions.quality import engine
    from tests.cast import mina
    from tests.contributions.seoul import handed_in
    from tests.stories.test_faults import facts, some_rows, two_calls

    engine.warm()
    two_calls()
    found = []
    for number, (stage, moment, name) in enumerate(MOMENTS, 1):
        calm = check(handed_in(mina(), some_rows(number), slug="calm", filename=name).id)
        deaths = _lines(faults / "deaths")
        storm = _handed_in_with_a_fault(
            lambda: handed_in(mina(), some_rows(number), slug="storm", filename=name),  # noqa: B023
            faults / f"{stage}.{moment}.database-{number}",
        )
        began = time.monotonic()
        _until_it_ended(places, storm.id)
        found.append(
            {
                "moment": f"{stage}, {moment}",
                "calm": facts(calm),
                "storm": facts(storm),
                "kills": _lines(faults / "deaths") - deaths,
                "seconds": round(time.monotonic() - began, 1),
            }
        )
    return found


def _handed_in_with_a_fault(hand_in: Callable[[], Any], fault: Path) -> Any:  # Any: a contribution
    """The fault is laid out before a worker hears of the contribution."""
    from django.conf import settings

    from contributions.pipeline.tasks import start

    settings.NUDGE = False
    made = hand_in()
    fault.write_text(made.receipt)
    settings.NUDGE = True
    start(made.id)
    return made


def _lines(file: Path) -> int:
    return len(file.read_text().splitlines()) if file.exists() else 0


def _until_it_ended(places: Any, contribution_id: Any) -> None:  # Any: dure's own; an id
    from django.db import DatabaseError, connection

    from contributions.models import Contribution
    from dure.embedded import postgres

    # What was sent is purged after the commit that accepts.
    ended = Contribution.objects.filter(
        id=contribution_id, state="accepted", source__purged_at__isnull=False
    )
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        try:
            if ended.exists():
                return
        except DatabaseError:
            connection.close()
            postgres.start(places)
        time.sleep(0.1)
    raise AssertionError(f"no end within {LIMIT_S} s")


if __name__ == "__main__":
    sys.exit(main())
