"""Many small contributions, one worker: from handed in to accepted, all five stages."""

from __future__ import annotations

from tests.benchmarks.measure import Figure, Size, stopwatch

TIMES: dict[Size, int] = {"quick": 10, "normal": 40, "full": 100}


def run(size: Size) -> list[Figure]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from contributions.models import State
    from contributions.pipeline.stages import check
    from tests.cast import mina
    from tests.contributions.seoul import handed_in, published, twenty_rows

    published(tolerance="1")
    person = mina()
    warm = check(handed_in(person, twenty_rows("20200101")).id)
    assert warm.state == State.ACCEPTED
    waiting = [
        handed_in(person, twenty_rows(f"{20210000 + number:08d}")).id
        for number in range(TIMES[size] + 1)
    ]
    with CaptureQueriesContext(connection) as queries:
        check(waiting.pop())
    with stopwatch() as elapsed:
        done = [check(each) for each in waiting]
    assert {each.state for each in done} == {State.ACCEPTED}
    return [
        Figure(
            f"contributions of 20 rows through all stages, one process, of {len(done)}",
            len(done) / elapsed.seconds,
            "per s",
            goal="20 a second",
        ),
        Figure("statements to the database for one of them", len(queries), "statements"),
    ]
