"""Keys: wrapping every data key anew while the city works, and erasing somebody with much data."""

from __future__ import annotations

import os

from tests.benchmarks.measure import Figure, Size, stopwatch

KEYS: dict[Size, int] = {"quick": 20_000, "normal": 200_000, "full": 1_000_000}


def run(size: Size) -> list[Figure]:
    count = KEYS[size]
    rewrapped, seconds = _rewrap(count)
    return [
        Figure(
            f"keys: wrap {rewrapped:,} data keys under a new key, online",
            seconds,
            "s",
            goal="60 s for 1,000,000",
        )
    ]


def _rewrap(count: int) -> tuple[int, float]:
    import tempfile
    from datetime import timedelta
    from pathlib import Path

    from cryptography.hazmat.primitives import keywrap
    from django.conf import settings
    from django.db import connection, transaction

    from dure.core import keyring

    settings.KEYRING = Path(tempfile.mkdtemp(prefix="dure-keyring-"))
    with transaction.atomic():
        active = keyring.active_for_wrapping()
    material = keyring.material(active)
    with connection.cursor() as cursor:
        for start in range(0, count, 50_000):
            wrapped = [
                keywrap.aes_key_wrap(material, os.urandom(32))
                for _ in range(start, min(start + 50_000, count))
            ]
            cursor.execute(
                "INSERT INTO core_datakey (owner, wrapped, kek_id, created_at)"
                " SELECT gen_random_uuid(), wrapped, %s, now() FROM unnest(%s::bytea[]) wrapped",
                [active, wrapped],
            )
    with stopwatch() as elapsed:
        done = keyring.rotate(keep=timedelta(days=7))
    assert done.rewrapped == count, done
    return done.rewrapped, elapsed.seconds
