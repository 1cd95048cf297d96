"""Killed with SIGKILL at any step, an erasure is finished by the next run; workers wait for it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from celery.signals import beat_init
from django.conf import settings as configured
from django.db import connection

from dure.accounts.models import Person
from dure.core import sealing
from dure.core.blobs import path_of, store_bytes
from dure.core.models import Blob, DataKey
from governance.erasure import services, tombstones
from governance.log.services import sequence
from governance.log.verify import Outcome, verify_log
from governance.models import Erasure, LogEntry
from tests.cast import actor, kang, mina
from tests.emptying import without_triggers
from tests.forking import forget_the_parents_connections

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def tombstone_file(settings: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "apart" / "tombstones.jsonl"
    settings.TOMBSTONES = path  # type: ignore[attr-defined]  # pytest-django's settings wrapper
    return path


def killed_in(module: object, name: str, *, after: bool, run: Callable[[], object]) -> None:
    """Runs something in a process of its own that is killed before or after a function."""
    connection.close()
    child = os.fork()
    if child == 0:
        forget_the_parents_connections()
        original = getattr(module, name)

        def last_words(*args: object, **kwargs: object) -> None:
            if after:
                original(*args, **kwargs)
            os.kill(os.getpid(), signal.SIGKILL)

        setattr(module, name, last_words)
        try:
            run()
        finally:
            os._exit(0)
    _pid, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL, f"the process ended otherwise: {status}"


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    ("module", "step"),
    [
        (services, "_begin"),
        (tombstones, "write"),
        (services, "erase_person"),
        (sealing, "destroy_keys"),
        (services, "_carry_out"),
        (services, "_remove_files"),
        (services, "_clean_pages"),
    ],
)
def test_an_erasure_killed_at_any_step_is_finished(module: object, step: str, after: bool) -> None:
    person, operator = mina(), kang()
    held = store_bytes(b"a file of Mina", owner=person.party_id)
    act = actor(operator)
    killed_in(
        module, step, after=after, run=lambda: services.erase(acting=act, party_id=person.party_id)
    )
    if Erasure.objects.exists():
        assert services.readiness() == "", "begun is enough: workers have to finish it"
        assert services.resume() == 1
    else:
        services.erase(acting=act, party_id=person.party_id)
    assert services.resume() == 0
    assert Erasure.objects.get().erased_at is not None
    assert Person.objects.get(id=person.id).name == "–"
    assert DataKey.objects.get(owner=person.party_id).destroyed_at is not None
    assert not path_of(held.id).exists()
    assert Blob.objects.get(id=held.id).purged_at is not None
    assert len(tombstones.read()) == 1
    assert LogEntry.objects.filter(kind="erasure.executed").count() == 1
    sequence()
    assert verify_log().outcome is Outcome.OK


def _environment(tombstone_file: Path) -> dict[str, str]:
    place = connection.settings_dict
    user, name = place["USER"], place["NAME"]
    if place["HOST"].startswith("/"):
        url = f"postgresql://{user}@/{name}?host={place['HOST']}"
    else:
        secret = f":{place['PASSWORD']}" if place["PASSWORD"] else ""
        url = f"postgresql://{user}{secret}@{place['HOST']}:{place['PORT']}/{name}"
    return {
        **os.environ,
        "DURE_DATABASE_URL": url,
        "DURE_TOMBSTONES": str(tombstone_file),
        "DURE_BROKER_URL": "redis://127.0.0.1:1/0",
        "DJANGO_SETTINGS_MODULE": "dure.settings",
    }


def test_no_worker_starts_on_a_restored_backup(tombstone_file: Path) -> None:
    # A real worker: only its own start shows that the refusal is not logged and passed over.
    services.erase(acting=actor(kang()), party_id=mina().party_id)
    with without_triggers(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM governance_erasure")
    line = json.loads(tombstone_file.read_text())
    assert services.unreplayed() != []
    with pytest.raises(SystemExit, match="replay_erasures"):
        beat_init.send(sender=None)
    command = [sys.executable, "-m", "celery", "-A", "dure", "worker", "--pool", "solo"]
    answer = subprocess.run(
        command,
        env=_environment(tombstone_file),
        cwd=configured.PROJECT_DIR,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode != 0
    assert "replay_erasures" in answer.stdout + answer.stderr
    assert line["party"] not in answer.stdout + answer.stderr
