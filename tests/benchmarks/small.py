"""Many small contributions, one worker process: from handed in to accepted, all five stages."""

from __future__ import annotations

from tests.benchmarks.measure import Figure, Size, stopwatch

TIMES: dict[Size, int] = {"quick": 20, "normal": 100, "full": 400}


def run(size: Size) -> list[Figure]:
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
    with CaptureQueriesContext(connection) as queries:
        check_together(waiting(1)[0].id)
    done = accepted()
    one_by_one = waiting(times)
    with stopwatch() as alone:
        for each in one_by_one:
            check_together(each.id, limit=1)
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
    ]
