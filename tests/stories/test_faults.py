"""Workers die at every stage, the broker forgets everything: no contribution notices."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import redis
from django.db import connection, transaction

from contributions.calls.services import draft_call, publish_call, register_reference
from contributions.models import Contribution, Stage, State
from contributions.pipeline.lease import LEASE_S
from contributions.pipeline.stages import check
from contributions.quality import engine
from contributions.selectors import contribution_document
from dure.accounts.models import Person
from dure.embedded import broker
from dure.embedded.places import Places
from dure.embedded.processes import Process
from tests.cast import actor, joon, kang, lim, mina
from tests.contributions.pipeline.test_checked_together import what_came_of
from tests.contributions.seoul import AIR, REFERENCE, air_csv, handed_in, published, twenty_rows
from tests.stories.conftest import wait_until

pytestmark = [
    pytest.mark.worker,
    pytest.mark.xdist_group("stories"),
    pytest.mark.timeout(900),  # workers die and start anew many times, also on a busy machine
]

#: A name that makes a contribution go from stage to stage, as large files do.
APART = "air.dat"
MOVING = ("received", "checking")
#: A city is made, killed three times and taken down in this time, however busy the machine is.
STORY_S = 540


@dataclass(frozen=True)
class City:
    """One worker for all queues with its clock, its broker, and the folder that tells it to die."""

    places: Places
    broker: Process
    worker: Process
    faults: Path

    def kill_at(self, made: Contribution, stage: str, moment: str, name: str = "once") -> None:
        """The worker that reaches this moment with this contribution dies there."""
        (self.faults / f"{stage}.{moment}.{name}-{made.receipt}").write_text(made.receipt)

    def deaths(self, *made: Contribution) -> int:
        receipts = {each.receipt for each in made}
        file = self.faults / "deaths"
        lines = file.read_text().splitlines() if file.exists() else []
        return sum(line.split()[0] in receipts for line in lines)


@pytest.fixture(scope="module")
def _city(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: object
) -> Iterator[City]:
    from dure.celery import app

    folder = tmp_path_factory.mktemp("faults")
    faults = folder / "asked"
    faults.mkdir()
    places = Places(folder, folder, folder / "run")
    places.make_run()
    url = f"redis+socket://{places.broker_socket}"
    name, host = (connection.settings_dict[each] for each in ("NAME", "HOST"))
    environment = {
        "DURE_VAR": os.environ["DURE_VAR"],
        "DURE_DATABASE_URL": f"postgresql://dure@/{name}?host={host}",
        "DURE_BROKER_URL": url,
        "DURE_BLOB_DIR": str(folder / "blobs"),
        "DURE_NUDGE": "True",
        # Each test empties the log, which must not look like an old backup put back.
        "DURE_LOG_ANCHOR_DIR": str(folder / "log-anchor"),
        "STORY_FAULTS": str(faults),
    }
    arguments = (
        str(Path(sys.executable).parent / "celery"), "-A", "tests.stories.faulty", "worker",
        "--queues", "default,quality", "--concurrency", "2", "--beat",
        "--schedule", str(folder / "beat"), "--without-gossip", "--without-mingle",
        "--loglevel", "WARNING",
    )  # fmt: skip
    server = broker.process(places)
    worker = Process(places, "worker-faulty", arguments, environment)
    before = app.conf["broker_url"]
    try:
        server.start()
        wait_until(lambda: broker.answers(places), seconds=20)
        worker.start()
        app.conf["broker_url"] = url
        app.set_current()
        yield City(places, server, worker, faults)
    finally:
        worker.stop()
        app.conf["broker_url"] = before
        server.stop()


@pytest.fixture
def city(_city: City, settings: pytest.FixtureRequest, transactional_db: None) -> City:
    shutil.rmtree(_city.places.var / "log-anchor", ignore_errors=True)
    settings.NUDGE = True  # type: ignore[attr-defined]  # pytest-django's settings wrapper
    settings.BLOB_DIR = _city.places.var / "blobs"  # type: ignore[attr-defined]
    return _city


def two_calls() -> None:
    """The same call twice: one for an undisturbed run, one for the storm."""
    register_reference(acting=actor(kang()), document=REFERENCE)
    for slug in ("calm", "storm"):
        draft_call(acting=actor(kang()), document={**AIR, "slug": slug})
        publish_call(acting=actor(kang()), slug=slug)
        publish_call(acting=actor(lim()), slug=slug)


def some_rows(number: int) -> bytes:
    """Twenty rows of which some are good, one is set aside, one repeats and some lose quality."""
    day = f"2026{number:04d}"
    return air_csv(
        *(f"{day}{hour:02d},종로구,{hour}" for hour in range(15)),
        *(f"{day}{hour:02d},도봉구," for hour in range(3)),
        f"{day}00,강남구,-1",
        f"{day}01,종로구,1",
    )


def settled(made: list[Contribution], seconds: float = 180) -> None:
    ids = [each.id for each in made]
    moving = Contribution.objects.filter(id__in=ids, state__in=MOVING)
    wait_until(lambda: not moving.exists(), seconds=seconds)


def facts(made: Contribution) -> dict[str, Any]:  # Any: facts of many types
    """What came of it, but for the push it was compared with: that depends on who was quicker."""
    found = what_came_of(made.id)
    for _stage, _version, counts, _sha256 in found["runs"]:
        counts.get("description", {}).pop("drift", None)
    return found


#: Where the worker dies, and the file's name: by stages, then as small pushes of one feed that are
#: taken along together, each list in one go.
DEATHS: list[list[tuple[str, str, str]]] = [
    [(stage.value, at, APART) for stage in Stage for at in ("before", "settling", "after")],
    [("together", "quality", "air.csv"), ("none", "none", "air.csv")],
    [("none", "none", "air.csv"), ("together", "settling", "air.csv")],
]


def test_a_worker_killed_in_any_stage_or_between_two_changes_nothing_in_the_end(
    city: City, settings: pytest.FixtureRequest
) -> None:
    with warnings.catch_warnings():
        # Great Expectations imports modules that others deprecate.
        warnings.simplefilter("ignore")
        engine.warm()
    two_calls()
    calm: list[Contribution] = []
    storm: list[Contribution] = []
    for together in DEATHS:
        settings.NUDGE = False  # type: ignore[attr-defined]
        for number, (stage, moment, name) in enumerate(together, len(calm) + 1):
            for slug, list_ in (("calm", calm), ("storm", storm)):
                list_.append(handed_in(mina(), some_rows(number), slug=slug, filename=name))
            city.kill_at(storm[-1], stage, moment)
        settings.NUDGE = True  # type: ignore[attr-defined]
        settled(storm)
    for each in calm:
        check(each.id)
    settled(calm)
    assert city.deaths(*storm) == sum(map(len, DEATHS)) - 2
    for at, one, other in zip([at for part in DEATHS for at in part], calm, storm, strict=True):
        assert facts(one) == facts(other), at
        assert Contribution.objects.get(id=other.id).state == State.ACCEPTED, at


def test_a_file_that_kills_its_worker_is_set_aside_and_holds_nobody_up(city: City) -> None:
    published()
    # The workers have to be there before anybody can be held up by them.
    settled([_handed(joon(), 9)])
    poison = []
    for day, name in (("20261201", "air.csv"), ("20261202", APART)):
        with transaction.atomic():  # no worker sees the file before its death is written down
            poison.append(handed_in(mina(), twenty_rows(day), filename=name))
            city.kill_at(poison[-1], "decode", "before", name="always")
    others: list[tuple[Contribution, float]] = []
    for number in range(1, 9):
        others.append((_handed(joon(), number), time.monotonic()))
        time.sleep(0.1)
    settled([each for each, _at in others])
    waited = time.monotonic() - others[0][1]
    settled(poison)
    for each in poison:
        each.refresh_from_db()
        assert (each.state, each.reason_rule) == (State.FAILED, "internal")
        assert "Nothing is wrong with your file" in contribution_document(each)["reason"]
        assert city.deaths(each) == 3
    assert all(Contribution.objects.get(id=each.id).accepted == 20 for each, _at in others)
    # Whoever was on the desk of a dead worker would have waited for its lease.
    print(f"held up for at most {waited:.1f} s")
    assert waited < LEASE_S * 0.75


def _handed(person: Person, number: int) -> Contribution:
    return handed_in(person, twenty_rows(f"202612{number + 9:02d}"), filename="air.csv")


def test_a_broker_that_forgets_everything_changes_nothing(city: City) -> None:
    published()
    client = redis.Redis(unix_socket_path=str(city.places.broker_socket))
    made = [handed_in(mina(), twenty_rows(f"202610{day:02d}"), filename=name)
            for day, name in enumerate(["air.csv", APART] * 4, 1)]  # fmt: skip
    client.flushall()
    client.close()
    made += [handed_in(joon(), twenty_rows(f"202610{day:02d}"), filename=name)
             for day, name in enumerate(["air.csv", APART] * 4, 10)]  # fmt: skip
    pid = city.broker.pid()
    assert pid is not None
    os.killpg(pid, signal.SIGKILL)
    wait_until(lambda: not city.broker.running(), seconds=20)
    shutil.rmtree(city.places.broker_data)
    made += [handed_in(joon(), twenty_rows("20261030"))]
    replace(broker.process(city.places)).start()
    settled(made)
    assert {each.state for each in Contribution.objects.all()} == {State.ACCEPTED}
    assert {each.accepted for each in Contribution.objects.all()} == {20}
    # The workers listen to the new broker again.
    last = handed_in(mina(), twenty_rows("20261031"))
    settled([last])


@pytest.mark.timeout(STORY_S + 60)
def test_a_database_killed_in_mid_work_loses_nothing_and_doubles_nothing() -> None:
    # PostgreSQL's account has to reach its folder, which it could not below the test's own.
    folder = Path(tempfile.mkdtemp(prefix="dure-story-"))
    folder.chmod(0o711)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DURE_")}
    story = subprocess.Popen(
        [sys.executable, "-m", "tests.stories.database_killed"],
        env={**kept, "DURE_VAR": str(folder), "DJANGO_SETTINGS_MODULE": "dure.settings"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        told, complained = story.communicate(timeout=STORY_S)
    except subprocess.TimeoutExpired:
        story.terminate()
        told, complained = story.communicate()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    assert story.returncode == 0, complained[-2000:]
    found = json.loads(told.splitlines()[-1])
    assert len(found) == 3
    for each in found:
        assert each["kills"] == 1, each["moment"]
        assert each["storm"] == each["calm"], each["moment"]
        assert each["storm"]["state"] == "accepted"
        print(f"database killed at {each['moment']}: accepted {each['seconds']} s later")
