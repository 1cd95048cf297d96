"""How long it takes to erase one person who contributed a great deal.

A few contributions come through the services, half of them are settled and paid; the rest are
their copies (tests.benchmarks.multiplied). Every table has to have grown as by the few, and the
erasure has to change it as it does for two others who sent a set and two. The person's name and a
mark in the files are found nowhere afterwards; a neighbour who sent the same keeps everything.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.benchmarks.measure import Figure, Size, stopwatch

if TYPE_CHECKING:
    from dure.accounts.models import Person

COUNTS: dict[Size, int] = {"quick": 100, "normal": 1_000, "full": 10_000}
GOAL_S = 60.0
GOAL_COUNT = 10_000
#: What comes through the services at once: of one record, one with a row set aside, one returned.
SET = 10
#: Half of all before the epoch closes and half after it.
HALVES = 2
SLUG = "air-daily"
MARK = "kanarienvogel"


def run(size: Size) -> list[Figure]:
    from django.conf import settings
    from django.db import connection

    from contributions.models import Contribution, RecordFingerprint, State
    from governance.erasure.services import erase
    from governance.log.services import sequence
    from governance.log.verify import Outcome, verify_log
    from rewards.models import EpochInput
    from tests.cast import actor, joon, kang
    from tests.stories.marks import found, readable

    settings.NUDGE = False
    with _own_folder():
        few, more, leaving, staying = _person("Few"), _person("More"), _person("Many"), joon()
        count = _contributed(leaving, few, more, staying, COUNTS[size])
        kept = Contribution.objects.filter(party=staying.party_id, state=State.ACCEPTED).count()
        paid = EpochInput.objects.filter(contribution__party=leaving.party_id).count()
        assert paid > 0
        assert "contributions_contribution" in found()
        assert readable()
        by_few, _few = _erased(few)
        by_more, _more = _erased(more)
        statements = 0

        def counted(execute: Any, *about: Any) -> Any:  # Any: as Django hands it over
            nonlocal statements
            statements += 1
            return execute(*about)

        with connection.execute_wrapper(counted):
            by_many, taken = _erased(leaving)
        sets = count // (HALVES * SET)
        expected = {
            table: _of_sets(by_few.get(table, 0), by_more.get(table, 0), sets)
            for table in by_few | by_more
        }
        assert by_many == expected, (by_many, expected)
        erase(acting=actor(kang()), party_id=leaving.party_id)
        assert found() == set()
        assert readable() == set()
    sequence()
    held = Contribution.objects.filter(party=leaving.party_id)
    assert held.count() == held.filter(state=State.WITHDRAWN).count() == count
    unsettled = RecordFingerprint.objects.filter(contribution__epoch_input=None)
    assert not unsettled.filter(contribution__party=leaving.party_id).exists()
    assert Contribution.objects.filter(party=staying.party_id, state=State.ACCEPTED).count() == kept
    assert verify_log().outcome is Outcome.OK
    for_goal = taken * GOAL_COUNT / count
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


@contextmanager
def _own_folder() -> Iterator[None]:
    """Files and the list of erasures apart from the city's, on the same disk."""
    from django.conf import settings

    with tempfile.TemporaryDirectory(dir=settings.VAR_DIR) as folder:
        settings.BLOB_DIR = Path(folder) / "blobs"
        settings.TOMBSTONES = Path(folder) / "tombstones.jsonl"
        yield


def _person(name: str) -> Person:
    from dure.accounts import services
    from dure.accounts.roles import Role
    from tests.cast import actor, kang

    return services.create_person(
        acting=actor(kang()),
        email=f"{MARK}.{name.lower()}@dure.example",
        name=f"{MARK} {name}",
        password="a plain test password",
        roles=[Role.RESIDENT],
    )


def _of_sets(one: int, two: int, sets: int) -> int:
    """What so many sets change, by what one and what two did."""
    return one + (sets - 1) * (two - one)


def _erased(person: Person) -> tuple[dict[str, int], float]:
    """How many rows came or went in each table with somebody, and the seconds that it took."""
    from governance.erasure.services import erase
    from tests.benchmarks.multiplied import growth, rows
    from tests.cast import actor, kang

    before = rows()
    with stopwatch() as taken:
        erase(acting=actor(kang()), party_id=person.party_id)
    return growth(before, rows()), taken.seconds


def _contributed(leaving: Person, few: Person, more: Person, staying: Person, count: int) -> int:
    """All that is sent before somebody leaves; answers how many are theirs.

    In each half one sends a set, another two and who leaves two and their copies; the neighbour
    sends the last set of each once more, and waits behind it.
    """
    from rewards.epochs.services import approve_epoch, close_epoch
    from tests.cast import actor, kang, lim
    from tests.contributions.seoul import news, published

    published()
    news()
    days = iter(range(20200101, 20200131))
    made = 0
    for half in range(HALVES):
        _sent(few, last_of_few := next(days))
        for _time in range(2):
            _sent(more, last_of_more := next(days))
        made += _multiplied(leaving, next(days), last := next(days), count // HALVES)
        if half == 0:
            epoch = close_epoch(acting=actor(kang()), call_slug=SLUG)
            approve_epoch(acting=actor(lim()), epoch=epoch)
        for day in (last_of_few, last_of_more, last):
            _sent(staying, day, mark="none")
    return made


def _multiplied(person: Person, first: int, second: int, count: int) -> int:
    """Two sets through the services and copies of the second, which have to be what it was.

    What comes once for a person came with the first.
    """
    from governance.log.services import sequence
    from tests.benchmarks.multiplied import growth, multiply, rows, watched

    _sent(person, first)
    sequence()
    before = rows()
    with watched(person) as written:
        _sent(person, second)
    sequence()
    by_itself = growth(before, after := rows())
    assert len(written.contributions) == SET
    assert by_itself["contributions_contribution"] == SET
    copies = count // SET - 2
    multiply(written, copies)
    sequence()
    copied = growth(after, rows())
    expected = {table: change * copies for table, change in by_itself.items()}
    # Tiles and checkpoints come by the batch, however many entries are in it.
    by_batch = {"governance_logcheckpoint", "governance_logtile"}
    either = (copied | expected).keys() - by_batch
    apart = {each for each in either if copied.get(each) != expected.get(each)}
    assert not apart, {each: (copied.get(each), expected.get(each)) for each in apart}
    return (copies + 2) * SET


def _sent(person: Person, day: int, *, mark: str = MARK) -> None:
    """A set through the services: checked, and its news delivered."""
    from contributions.models import Contribution, State
    from contributions.pipeline.together import check_together
    from tests.contributions.seoul import air_csv, handed_in, news

    sound = [f"{day}{hour:02d},종로구,{20 + hour}" for hour in range(SET + 4)]
    files = [air_csv(row) for row in sound[: SET - 2]]
    files += [air_csv(*sound[SET - 2 :], f"{day}99,도봉구,{mark}"), air_csv(f"{day}98,도봉구,9999")]
    sent = [handed_in(person, file, filename=f"{mark}.csv") for file in files]
    check_together(sent[0].id)
    states = Contribution.objects.filter(id__in=[each.id for each in sent])
    assert states.filter(state=State.ACCEPTED).count() == SET - 1
    assert states.filter(state=State.RETURNED).count() == 1
    news()
