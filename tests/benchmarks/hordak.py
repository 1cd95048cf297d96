"""django-hordak beside our ledger: same PostgreSQL, own environment, own database."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Final, TypedDict

import psycopg
from django.conf import settings
from django.db import connection

from tests.benchmarks.measure import Figure, Size

PEER: Final = "django-hordak==2.0.0"
SINGLE: Final[dict[Size, int]] = {"quick": 200, "normal": 500, "full": 1_000}
BATCHES: Final[dict[Size, int]] = {"quick": 5, "normal": 10, "full": 20}
AT_ONCE: Final = 100
RACERS: Final = 8
LIMIT_S: Final = 600


class Measured(TypedDict):
    single_s: float
    batch_s: float
    allowed: int
    left: int


def compared(size: Size, single: float, batched: float) -> list[Figure]:
    """Our transfers a second beside hordak's; nothing where it cannot be installed."""
    python = _python()
    if python is None:
        return []
    found = _measured(python, size)
    their_single = SINGLE[size] / found["single_s"]
    their_batched = BATCHES[size] * AT_ONCE / found["batch_s"]
    allowed, left = _race()
    return [
        Figure(
            "ledger: idempotent transfers, one transaction each",
            single,
            "transfers/s",
            f"{PEER}, which knows no keys",
            their_single,
            single / their_single,
            "≥ 2×",
        ),
        Figure(
            "ledger: transfers in batches",
            batched,
            "transfers/s",
            f"{PEER}, batches of {AT_ONCE}",
            their_batched,
            batched / their_batched,
            "≥ 40×",
        ),
        Figure(
            f"ledger: of {RACERS} at once who spend the same 100, allowed (left {left})",
            allowed,
            "",
            f"{PEER} (left {found['left']})",
            found["allowed"],
            goal="1",
        ),
    ]


def _python() -> Path | None:
    """The interpreter of the peer's environment, made the first time."""
    home = Path(settings.VAR_DIR) / "bench" / "hordak"
    python = home / "bin" / "python"
    if (home / "ready").exists():
        return python
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    commands = (
        [uv, "venv", "--clear", "--python", sys.executable, str(home)],
        [uv, "pip", "install", "--python", str(python), PEER, "psycopg[binary]"],
    )
    try:
        for command in commands:
            subprocess.run(command, capture_output=True, check=True, timeout=LIMIT_S)
    except (OSError, subprocess.SubprocessError):
        return None
    (home / "ready").touch()
    return python


def _measured(python: Path, size: Size) -> Measured:
    place = connection.settings_dict
    name = f"{place['NAME']}_peer"
    with psycopg.connect(
        host=str(place["HOST"]), user=str(place["USER"]), dbname="postgres", autocommit=True
    ) as owner:
        owner.execute(f'DROP DATABASE IF EXISTS "{name}"'.encode())
        owner.execute(f'CREATE DATABASE "{name}"'.encode())
        try:
            done = subprocess.run(
                [
                    *(str(python), "-P", str(Path(__file__).with_name("peer_hordak.py"))),
                    *(str(place["HOST"]), str(place["USER"]), name),
                    *(str(SINGLE[size]), str(BATCHES[size])),
                ],
                capture_output=True,
                text=True,
                timeout=LIMIT_S,
                check=False,
            )
        finally:
            owner.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
    if done.returncode:
        raise RuntimeError(f"{PEER}: {done.stderr.strip().splitlines()[-1]}")
    answer: Measured = json.loads(done.stdout.splitlines()[-1])
    return answer


def _race() -> tuple[int, int]:
    """How many of those who look at the same 100 and spend it are allowed; what is left."""
    from dure.accounts.acting import Actor
    from dure.core.problems import Problem
    from rewards.ledger import selectors
    from rewards.ledger.accounts import clearing_key, open_accounts, pool_key, source_key
    from rewards.ledger.orders import TransferOrder
    from rewards.ledger.services import post

    keys = [source_key("DURE"), pool_key("race", "DURE"), clearing_key("race", "DURE")]
    ids = open_accounts(wanted=keys)
    source, purse, target = (ids[key] for key in keys)

    def pay(origin: int, to: int) -> None:
        order = TransferOrder.between(
            key=uuid.uuid4(), kind="race", source=origin, target=to, amount=100
        )
        post(acting=Actor.system("benchmark"), transfers=[order])

    pay(source, purse)
    look = Barrier(RACERS)

    def spend(_: int) -> bool:
        try:
            enough = selectors.balance(purse).spendable >= 100
            look.wait(20)
            if enough:
                pay(purse, target)
        except Problem:
            return False
        finally:
            connection.close()
        return enough

    with ThreadPoolExecutor(RACERS) as pool:
        allowed = sum(pool.map(spend, range(RACERS)))
    return allowed, selectors.balance(purse).spendable
