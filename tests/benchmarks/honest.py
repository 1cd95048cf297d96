"""A thousand honest logs that nobody attacked: not one of them may raise an alarm.

Each run is a log of its own with several writers at once, batches of chance sizes, kills between
commit and sequencing, between sequencing and anchoring and in the middle of a batch, and changes
of the key. At the end everything that detects an attack is asked.
"""

from __future__ import annotations

import os
import random
import signal
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

from dure_client import dure_verify, dure_witness
from tests.benchmarks.measure import Figure, Size, stopwatch
from tests.forking import forget_the_parents_connections

RUNS: dict[Size, int] = {"quick": 25, "normal": 1000, "full": 1000}
WRITERS = 3
STEPS_MAX = 4


class FalseAlarm(AssertionError):
    """An honest run was taken for an attack; the text says by what."""


def run(size: Size) -> list[Figure]:
    with stopwatch() as elapsed:
        entries, kills, rotations = honest_runs(RUNS[size], seed=1)
    return [
        Figure(f"honest: alarms in {RUNS[size]:,} honest runs", 0, "alarms", goal="0"),
        Figure("honest: entries written by three writers at once", entries, "entries"),
        Figure("honest: processes killed at a bad moment", kills, "kills"),
        Figure("honest: changes of the log's key", rotations, "rotations"),
        Figure("honest: all runs", elapsed.seconds, "s"),
    ]


def honest_runs(count: int, *, seed: int) -> tuple[int, int, int]:
    """Does that many runs; entries, kills and rotations in all. Raises FalseAlarm."""
    from django.conf import settings

    settings.NUDGE = False
    done = [0, 0, 0]
    for number in range(count):
        dice = random.Random(f"{seed}/{number}")
        with tempfile.TemporaryDirectory() as folder:
            for place, value in enumerate(_Run(dice, Path(folder), number).through()):
                done[place] += value
    return done[0], done[1], done[2]


class _Run:
    def __init__(self, dice: random.Random, folder: Path, number: int) -> None:
        from django.conf import settings

        from governance.log import selectors

        self.dice, self.folder, self.number = dice, folder, number
        settings.LOG_ANCHOR_DIR, settings.LOG_KEYS = folder / "anchor", folder / "keys"
        _empty()
        self.noted = selectors.keys_document()["verifier_key"]
        key = dure_witness.load_key(folder / "witness")
        self.witness = dure_witness.Witness("w.example", key, [self.noted], folder / "witness")
        self.seen = 0
        self.entries = self.kills = self.rotations = 0

    def through(self) -> tuple[int, int, int]:
        """The whole run; what it did."""
        for _ in range(self.dice.randint(1, STEPS_MAX)):
            self._write()
            self.dice.choice(
                [self._sequence, self._sequence, self._kill_in_sequencing, self._forget_to_anchor]
            )()
            if self.dice.random() < 0.1:
                self._rotate()
            if self.dice.random() < 0.5:
                self._witness()
        while not self.entries:
            # Every writer took back what it wrote, and an empty log proves nothing.
            self._write()
        self._sequence()
        self._witness()
        self._verify()
        return self.entries, self.kills, self.rotations

    def _write(self) -> None:
        counts = [self.dice.randint(1, 6) for _ in range(self.dice.randint(1, WRITERS))]
        with ThreadPoolExecutor(len(counts)) as pool:
            sizes = list(pool.map(_write_some, counts, [self.dice.random() for _ in counts]))
        self.entries += sum(sizes)

    def _sequence(self) -> None:
        """Two sequencers at once, as two workers do when both are nudged."""
        from governance.log import services

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(_closing(services.sequence), [None, None]))

    def _kill_in_sequencing(self) -> None:
        """A process that dies in the middle: what it did is rolled back, what waits waits on."""
        _in_a_killed_process(before="commit")
        self.kills += 1

    def _forget_to_anchor(self) -> None:
        """A process that dies between its commit and its anchor."""
        _in_a_killed_process(before="anchor")
        self.kills += 1

    def _rotate(self) -> None:
        from django.conf import settings
        from django.db import transaction

        from dure.accounts.acting import Actor
        from dure.core import clock, signing
        from governance.log import key_chain, keys, services

        old = signing.log_key(keys.chain()[-1].public)
        days = self.dice.choice([0, 30])
        payload = key_chain.rotation_payload(
            origin=settings.LOG_ORIGIN,
            old=old,
            new=signing.create_log_key(),
            overlap_until=clock.now() + timedelta(days=days),
        )
        with transaction.atomic():
            services.record(
                kind="key.rotated", acting=Actor.system("keys"), subject=None, payload=payload
            )
        services.sequence()
        self.rotations += 1
        newest = dure_witness.LogKey(dure_witness.ED25519, keys.chain()[-1].public)
        self.witness.logs[settings.LOG_ORIGIN].append(newest)

    def _witness(self) -> None:
        from governance.log import asking, selectors

        head = selectors.latest_checkpoint()
        if head is None:
            return
        try:
            self.witness.add_checkpoint(asking.request_body(head, self.seen), moment=1)
        except dure_witness.Refused as refused:
            raise FalseAlarm(f"run {self.number}: the witness said {refused.body}") from refused
        self.seen = head.size

    def _verify(self) -> None:
        from governance.integrity import log_check
        from governance.log.verify import Outcome, verify_log

        verdict = verify_log()
        if verdict.outcome is not Outcome.OK or verdict.size != self.entries + self.rotations:
            raise FalseAlarm(f"run {self.number}: {verdict}")
        check = log_check()
        if check["ok"] is not True:
            raise FalseAlarm(f"run {self.number}: {check}")
        source = str(_mirror(self.folder / "mirror"))
        if dure_verify.verdict_of(["log", source, "--key", self.noted])[0] != dure_verify.OK:
            raise FalseAlarm(f"run {self.number}: dure-verify raised an alarm")


def _write_some(count: int, chance: float) -> int:
    """One transaction of a writer; some are taken back, which leaves gaps in the sequence."""
    from django.db import connection, transaction

    from dure.accounts.acting import Actor
    from governance.log import services

    try:
        with transaction.atomic():
            for number in range(count):
                services.record(
                    kind="call.drafted",
                    acting=Actor.system("bench"),
                    subject=None,
                    payload={"number": number},
                )
            if chance < 0.1:
                transaction.set_rollback(True)
                return 0
    finally:
        connection.close()
    return count


def _closing(function: Callable[[], object]) -> Callable[[None], None]:
    from django.db import connection

    def run(_: None) -> None:
        try:
            function()
        finally:
            connection.close()

    return run


def _in_a_killed_process(before: str) -> None:
    """Sequences in a child that is killed before its commit, or before it writes the anchor."""
    from django.db import connection

    connection.close()
    child = os.fork()
    if child == 0:
        forget_the_parents_connections()
        _sequence_and_die(before)
    os.waitpid(child, 0)


def _sequence_and_die(before: str) -> None:
    from django.db import transaction

    from governance.log import anchor, services

    def die(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    try:
        if before == "anchor":
            anchor.keep = die  # type: ignore[assignment]
            services.sequence()
        else:
            with transaction.atomic():
                services.sequence()
                die()
    finally:
        os._exit(1)


def _mirror(folder: Path) -> Path:
    from governance.log import selectors, tiles

    text = selectors.checkpoint_note()
    size = int(text.split("\n")[1])
    paths = {"checkpoint": text.encode()}
    for level in (None, 0, 1):
        for index in range(size // tiles.TILE_WIDTH + 1):
            if width := tiles.tile_width(size, level or 0, index):
                path = tiles.TilePath(level, index, width)
                paths[tiles.format_tile_path(level, index, width)] = (
                    selectors.tile_content(path) or b""
                )
    for name, content in paths.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


_TABLES = ("logopening", "logentry", "logplace", "logwaiting", "logtile", "logcheckpoint")


def _empty() -> None:
    """A new log in the same database, by the power that only its owner has."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in _TABLES:
            cursor.execute(f"ALTER TABLE governance_{table} DISABLE TRIGGER USER")
            cursor.execute(f"DELETE FROM governance_{table}")
            cursor.execute(f"ALTER TABLE governance_{table} ENABLE TRIGGER USER")
