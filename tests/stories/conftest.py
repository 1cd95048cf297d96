"""Whole journeys, with the real workers and the real broker beside the test's own database."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection

from dure.embedded import broker, stack
from dure.embedded.places import Places
from dure.embedded.processes import Process

WAIT_S = 90


@dataclass(frozen=True)
class Workers:
    """The two workers of a story; a story may kill one."""

    default: Process
    quality: Process


def wait_until(true: Callable[[], bool], *, seconds: float = WAIT_S) -> None:
    """Return as soon as the condition holds; fail the story when it does not in time."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s")
        time.sleep(0.05)


@pytest.fixture(scope="module")
def _story_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("story")


@pytest.fixture(scope="module")
def _running(
    _story_folder: Path, django_db_setup: None, django_db_blocker: object
) -> Iterator[Workers]:
    """Broker and workers that read the same database, keys and files as the test."""
    from dure.celery import app

    places = Places(_story_folder, _story_folder, _story_folder / "run")
    places.make_run()
    broker_url = f"redis+socket://{places.broker_socket}"
    name = connection.settings_dict["NAME"]
    host = connection.settings_dict["HOST"]
    environment = {
        "DURE_VAR": os.environ["DURE_VAR"],
        "DURE_DATABASE_URL": f"postgresql://dure@/{name}?host={host}",
        "DURE_BROKER_URL": broker_url,
        "DURE_BLOB_DIR": str(_story_folder / "blobs"),
        "DURE_NUDGE": "True",
        "DURE_LOG_ANCHOR_DIR": str(_story_folder / "log-anchor"),
    }
    server = broker.process(places)
    server.start()
    wait_until(lambda: broker.answers(places), seconds=20)
    parts = [
        stack.worker(places, "default", concurrency=2, beat=True),
        stack.worker(places, "quality", concurrency=1),
    ]
    workers = [Process(p.places, p.name, p.arguments, environment) for p in parts]
    for worker in workers:
        worker.start()
    before = app.conf["broker_url"]
    app.conf["broker_url"] = broker_url
    app.set_current()
    yield Workers(*workers)
    for worker in workers:
        worker.stop()
    app.conf["broker_url"] = before
    server.stop()


@pytest.fixture
def workers(
    _running: Workers, _story_folder: Path, settings: pytest.FixtureRequest, transactional_db: None
) -> Workers:
    # Each test empties the log, which must not look like an old backup put back.
    shutil.rmtree(_story_folder / "log-anchor", ignore_errors=True)
    settings.NUDGE = True  # type: ignore[attr-defined]  # pytest-django's settings wrapper
    settings.BLOB_DIR = _story_folder / "blobs"  # type: ignore[attr-defined]
    assert django_settings.NUDGE
    return _running
