"""The whole platform on one machine: database, broker, two workers and the web server.

The same commands run on a cluster, one per machine and as often as wanted.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
from pathlib import Path

from django.conf import settings

from dure.embedded import broker, postgres
from dure.embedded.places import Places
from dure.embedded.processes import Process


def _program(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def worker(places: Places, queue: str, *, concurrency: int, beat: bool = False) -> Process:
    """One Celery worker; ``beat`` adds the clock, which exactly one worker carries."""
    arguments = [
        _program("celery"), "-A", "dure", "worker", "--queues", queue,
        "--hostname", f"{queue}@%h", "--concurrency", str(concurrency), "--pool", "prefork",
        "--without-gossip", "--without-mingle", "--loglevel", "WARNING",
    ]  # fmt: skip
    if beat:
        arguments += ["--beat", "--schedule", str(places.var / "beat-schedule")]
    return Process(places, f"worker-{queue}", tuple(arguments))


def web(places: Places, port: int) -> Process:
    return Process(
        places,
        "web",
        (
            _program("granian"), "--interface", "wsgi", "--host", "127.0.0.1",
            "--port", str(port), "--workers", "1", "--blocking-threads", "8",
            "--no-ws", "--log-level", "warning", "dure.wsgi:application",
        ),
    )  # fmt: skip


def port() -> int:
    return int(os.environ.get("PORT", "8000"))


def parts(places: Places) -> list[Process]:
    """What runs beside the database, in the order of starting."""
    return [
        *([broker.process(places)] if "socket" in settings.BROKER_URL else []),
        worker(places, "default", concurrency=2, beat=True),
        worker(places, "quality", concurrency=1),
        web(places, port()),
    ]


def start(places: Places) -> None:
    """Start what is not running yet; the schema is brought up to date first."""
    from django.core.management import call_command

    postgres.ensure_running()
    call_command("migrate", interactive=False, verbosity=0)
    # A folder put back from a backup must forget again before it serves anybody.
    call_command("replay_erasures", verbosity=0, stdout=io.StringIO())
    call_command("collectstatic", interactive=False, verbosity=0)
    broker.ensure_running()
    for part in parts(places):
        part.start()


def stop(places: Places) -> None:
    for part in reversed(parts(places)):
        part.stop()
    if not settings.DATABASE_URL:
        postgres.stop(places)


def forget(places: Places) -> None:
    """Stop everything and remove every file of this installation."""
    stop(places)
    for folder in (places.run, places.services, places.var):
        shutil.rmtree(folder, ignore_errors=True)


def status(places: Places) -> dict[str, bool]:
    found = {part.name: part.running() for part in parts(places)}
    if not settings.DATABASE_URL:
        account = postgres.account_for(places.postgres_data)
        created = (places.postgres_data / "PG_VERSION").exists()
        found["postgres"] = created and postgres.running(
            places, account, postgres.programs(places, account)
        )
    return found
