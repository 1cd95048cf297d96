"""django-hordak beside our ledger: same PostgreSQL, own environment, own database."""

from __future__ import annotations

import json
import subprocess
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier
from typing import Any, Final

import psycopg
from django.db import connection

from tests.benchmarks.peers import interpreter

PEER: Final = "django-hordak==2.0.0"
RACERS: Final = 8


class Peer:
    """Hordak in a process of its own, waiting for its turn."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def single(self, count: int) -> float:
        """Seconds of so many transfers, a transaction each."""
        return float(self._ask("single", count))

    def batch(self, size: int) -> float:
        """Seconds of so many transfers in one transaction."""
        return float(self._ask("batch", size))

    def race(self) -> tuple[int, int]:
        """How many of those who look at the same 100 and spend it are allowed; what is left."""
        allowed, left = self._ask("race", RACERS)
        return int(allowed), int(left)

    def _ask(self, what: str, number: int) -> Any:  # Any: JSON between the processes
        assert self.process.stdin is not None
        self.process.stdin.write(f"{what} {number}\n")
        self.process.stdin.flush()
        return self.answer()

    def answer(self) -> Any:  # Any: JSON between the processes
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            assert self.process.stderr is not None
            said = self.process.stderr.read().strip().splitlines() or ["it ended"]
            raise RuntimeError(f"{PEER}: {said[-1]}")
        return json.loads(line)


@contextmanager
def peer() -> Iterator[Peer | None]:
    """Hordak on a database of its own beside ours; None where it cannot be installed."""
    python = interpreter("hordak", PEER, "psycopg[binary]")
    if python is None:
        yield None
        return
    place = connection.settings_dict
    name = f"{place['NAME']}_peer"
    program = str(Path(__file__).with_name("peer_hordak.py"))
    with psycopg.connect(
        host=str(place["HOST"]), user=str(place["USER"]), dbname="postgres", autocommit=True
    ) as owner:
        owner.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
        owner.execute(f'CREATE DATABASE "{name}"'.encode())
        process = subprocess.Popen(
            [str(python), "-P", program, str(place["HOST"]), str(place["USER"]), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            waiting = Peer(process)
            waiting.answer()
            yield waiting
        finally:
            process.kill()
            process.communicate()
            owner.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


def our_race() -> tuple[int, int]:
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
            look.wait(60)
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
