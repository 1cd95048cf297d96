"""Many small contributions, one worker process: from handed in to accepted, all five stages.

A broker of its own takes the messages that go out with each, as it would in a city.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.measure import Figure, Size, stopwatch

TIMES: dict[Size, int] = {"quick": 20, "normal": 100, "full": 400}


def run(size: Size) -> list[Figure]:
    with _a_broker():
        return _measured(size)


@contextmanager
def _a_broker() -> Iterator[None]:
    """Nobody listens to it, so a city that runs here is not disturbed."""
    from dure.celery import app
    from dure.embedded import broker
    from dure.embedded.places import Places

    with tempfile.TemporaryDirectory(prefix="dure-bench-") as name:
        folder = Path(name)
        places = Places(folder, folder, folder / "run")
        places.make_run()
        server = broker.process(places)
        before = app.conf["broker_url"]
        server.start()
        try:
            while not broker.answers(places):
                time.sleep(0.05)
            app.conf["broker_url"] = f"redis+socket://{places.broker_socket}"
            app.set_current()
            yield
        finally:
            app.conf["broker_url"] = before
            server.stop()


def _measured(size: Size) -> list[Figure]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from contributions.models import Contribution, State
    from contributions.pipeline.stages import check
    from contributions.pipeline.together import TOGETHER_MAX, check_together
    from tests.cast import mina
    from tests.contributions.seoul import handed_in, published, twenty_rows

    published(tolerance="1")
    person, times = mina(), TIMES[size]
    days = iter(range(20200101, 29990101))

    def waiting(count: int) -> list[Contribution]:
        return [handed_in(person, twenty_rows(str(next(days)))) for _push in range(count)]

    def accepted() -> int:
        return Contribution.objects.filter(state=State.ACCEPTED, accepted=20).count()

    check(waiting(1)[0].id)
    check_together(waiting(1)[0].id)
    counted = waiting(1)[0]
    with CaptureQueriesContext(connection) as queries:
        check_together(counted.id)
    done = accepted()
    one_by_one = waiting(times)
    processor = time.process_time()
    with stopwatch() as alone:
        for each in one_by_one:
            check_together(each.id, limit=1)
    processor = (time.process_time() - processor) / len(one_by_one)
    joined = waiting(4 * times)
    with stopwatch() as together:
        # A message for each of them, as the broker would bring it; most find their work done.
        for each in joined:
            check_together(each.id)
    staged = waiting(times // 4)
    with stopwatch() as by_stages:
        for each in staged:
            check(each.id)
    assert done == 3
    assert accepted() == done + len(one_by_one) + len(joined) + len(staged)
    return [
        Figure(
            f"contributions of 20 rows, one process, one at a time, of {len(one_by_one)}",
            len(one_by_one) / alone.seconds,
            "per s",
            against="stage by stage",
            their_value=len(staged) / by_stages.seconds,
            ratio=(len(one_by_one) / alone.seconds) / (len(staged) / by_stages.seconds),
            goal="20 a second",
        ),
        Figure(
            f"the same, up to {TOGETHER_MAX} of a feed taken together, of {len(joined)}",
            len(joined) / together.seconds,
            "per s",
            against="one at a time",
            their_value=len(one_by_one) / alone.seconds,
            ratio=(len(joined) / together.seconds) / (len(one_by_one) / alone.seconds),
            goal="50 a second",
        ),
        Figure("statements to the database for one of them", len(queries), "statements"),
        Figure("the worker's processor for one of them", 1000 * processor, "ms"),
    ]
