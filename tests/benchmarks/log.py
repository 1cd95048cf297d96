"""The log: giving entries their place, proving one, checking all; beside pymerkle."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from governance.log import merkle
from tests.benchmarks.measure import Figure, Size, percentile, stopwatch, time_each

LEAVES: dict[Size, int] = {"quick": 20_000, "normal": 200_000, "full": 1_000_000}
PROOFS = 300
THEIR_PROOFS = 20
SINGLES = 2_000
WRITERS = 8
#: SQLite's PRAGMA synchronous = FULL: a commit ends when its data is on the disk.
SQLITE_FULL = 2


def run(size: Size) -> list[Figure]:
    from django.conf import settings

    from governance.log.selectors import inclusion_document
    from governance.log.services import sequence
    from governance.log.verify import Outcome, verify_log

    settings.NUDGE = False
    count = LEAVES[size]
    _write_entries(count)
    with _writers(), stopwatch() as placing:
        placed = sequence()
    assert placed >= count
    sequence()
    dice = random.Random(1)
    proving = time_each(lambda _: inclusion_document(dice.randrange(count)), PROOFS)
    with stopwatch() as checking:
        verdict = verify_log()
    assert verdict.outcome is Outcome.OK, verdict.reason
    offline_s, offline_mb = _offline()
    _table_of_bare_rows()
    ours_s, bare_s, theirs_s, safety = _one_at_a_time()
    many_s = _many_at_a_time(_write)
    with stopwatch() as rooting:
        assert sequence() == SINGLES + WRITERS
    many_s += rooting.seconds
    many_bare_s = _many_at_a_time(_bare_rows)
    append_per_s, stored_per_s, their_p95 = _pymerkle(count)
    ours_per_s, p95 = placed / placing.seconds, percentile(proving, 0.95)
    return [
        Figure(
            f"log: place {count:,} entries, tiles and checkpoint, while {WRITERS} writers commit",
            ours_per_s,
            "leaves/s",
            "pymerkle in memory, nothing kept",
            append_per_s,
            ours_per_s / append_per_s,
            "20,000",
        ),
        Figure(
            "log: the same",
            ours_per_s,
            "leaves/s",
            f"pymerkle's SqliteTree, {count:,} bare leaves in one transaction, no root",
            stored_per_s,
            ours_per_s / stored_per_s,
        ),
        Figure(
            "log: the same",
            ours_per_s,
            "leaves/s",
            f"pymerkle's SqliteTree ({safety}), which stores a leaf at a time, then the root",
            SINGLES / theirs_s,
            ours_per_s * theirs_s / SINGLES,
            "5 × pymerkle",
        ),
        Figure(
            f"log: {SINGLES} entries, each committed before the next, then the root over them",
            SINGLES / ours_s,
            "leaves/s",
            f"pymerkle's SqliteTree ({safety}), bare leaves, then the root",
            SINGLES / theirs_s,
            theirs_s / ours_s,
        ),
        Figure(
            f"log: {SINGLES} entries by {WRITERS} writers, each committed before its next",
            SINGLES / many_s,
            "leaves/s",
            "pymerkle's SqliteTree, which has one writer",
            SINGLES / theirs_s,
            theirs_s / many_s,
        ),
        Figure(
            f"log: bare rows, {SINGLES} in transactions of their own: the least that one costs",
            SINGLES / bare_s,
            "rows/s",
            "pymerkle's SqliteTree, the same bytes",
            SINGLES / theirs_s,
            theirs_s / bare_s,
        ),
        Figure(
            f"log: bare rows by {WRITERS} writers, the most that {os.cpu_count()} cores could",
            SINGLES / many_bare_s,
            "rows/s",
            "pymerkle's SqliteTree, which has one writer",
            SINGLES / theirs_s,
            theirs_s / many_bare_s,
        ),
        Figure(
            "log: bare fdatasync of 400 bytes on the same disk, the most that one writer could",
            _syncs_per_s(),
            "leaves/s",
        ),
        Figure(
            "log: inclusion proof from stored tiles, p95",
            p95 * 1000,
            "ms",
            f"pymerkle's SqliteTree of {count:,} leaves, opened anew",
            their_p95 * 1000,
            their_p95 / p95,
            "10 ms; 5 × pymerkle",
        ),
        Figure(
            f"log: verify {count:,} entries from their bodies",
            checking.seconds,
            "s",
            goal="20 s for 1,000,000",
        ),
        Figure(
            f"log: dure-verify re-hashes {verdict.size:,} entries, tiles and root from files",
            offline_s,
            "s",
            goal="20 s for 1,000,000",
        ),
        Figure("log: memory of dure-verify at that", offline_mb, "MB", goal="300 MB"),
    ]


@contextmanager
def _writers() -> Iterator[None]:
    """Eight processes that commit five entries each, fifty times a second at most, all the while.

    They share the machine's cores with the sequencer, as services do.
    """
    from django.db import connection

    connection.close()
    children = []
    for _ in range(WRITERS):
        child = os.fork()
        if child == 0:
            _write_on()
        children.append(child)
    try:
        time.sleep(1)
        yield
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def _write_on() -> NoReturn:
    from django.db import transaction

    from dure.accounts.acting import Actor
    from governance.log import services

    try:
        while True:
            with transaction.atomic():
                for number in range(5):
                    services.record(
                        kind="call.drafted",
                        acting=Actor.system("bench"),
                        subject=None,
                        payload={"number": number},
                    )
            time.sleep(0.02)
    finally:
        os._exit(1)


def _offline() -> tuple[float, float]:
    """Seconds and megabytes of the stand-alone verifier over everything that is served."""
    from django.conf import settings

    from dure_client import dure_verify
    from governance.log import note, selectors

    key = selectors.keys_document()["verifier_key"]
    with tempfile.TemporaryDirectory() as folder:
        _mirror(Path(folder), note.parse_checkpoint(selectors.checkpoint_note()).size)
        file = str(dure_verify.__file__)
        command = [sys.executable, "-I", "-c", _RUN_AND_WEIGH, file, "log", folder, "--key", key]
        with stopwatch() as elapsed:
            done = subprocess.run(
                command, capture_output=True, text=True, check=True, cwd=settings.PROJECT_DIR
            )
    return elapsed.seconds, int(done.stdout.split()[-1]) / 1024


# What a process weighs at most is told by itself: from outside its parent's weight counts too.
_RUN_AND_WEIGH = """
import runpy, sys
sys.argv = sys.argv[1:]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit as ended:
    assert ended.code == 0, ended.code
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def _mirror(folder: Path, size: int) -> None:
    from governance.log import selectors, tiles

    (folder / "checkpoint").write_text(selectors.checkpoint_note(), encoding="utf-8")
    for level in (None, 0, 1, 2):
        for index in range((size >> 8 * (level or 0)) // tiles.TILE_WIDTH + 1):
            if width := tiles.tile_width(size, level or 0, index):
                content = selectors.tile_content(tiles.TilePath(level, index, width))
                path = folder / tiles.format_tile_path(level, index, width)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content or b"")


def _write_entries(count: int) -> None:
    """Committed entries that wait for their place, as many services would have left them."""
    from django.db import connection

    from dure.core import clock
    from dure.core.ids import new_id
    from governance.log import kinds
    from governance.log.leaf import Leaf, build_leaf

    moment = clock.now()
    schema = kinds.SCHEMA_HASHES["quality.run"]
    columns = "id, origin_seq, kind, recorded_at, body, leaf_hash"
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY governance_logentry ({columns}) FROM STDIN") as copy,
    ):
        for number in range(count):
            body = build_leaf(
                Leaf(
                    kind="quality.run",
                    ts=clock.rfc3339(moment),
                    origin_seq=10**9 + number,
                    actor=os.urandom(32).hex(),
                    subject=os.urandom(32).hex(),
                    payload={"suite": os.urandom(32).hex()},
                    schema=schema,
                )
            )
            copy.write_row(
                (new_id(), 10**9 + number, "quality.run", moment, body, merkle.leaf_hash(body))
            )


def _one_at_a_time() -> tuple[float, float, float, str]:
    """Seconds for the same number of entries, durable one by one: ours, bare rows, theirs.

    All write to the same disk and wait for it at each entry: SQLite by its rollback journal with
    ``synchronous`` FULL, which is asked of it and said with the figure. Ours builds canonical
    leaves with commitments and signs the root on the way, theirs stores the bytes that it is given.
    """
    from pymerkle import SqliteTree

    from governance.log import services

    _write(1)
    services.sequence()
    with stopwatch() as ours:
        _write(SINGLES)
        services.sequence()
    _bare_rows(1)
    with stopwatch() as bare:
        _bare_rows(SINGLES)
    bodies = [os.urandom(400) for _ in range(SINGLES)]
    with _folder() as folder, SqliteTree(str(folder / "tree.db")) as tree, stopwatch() as theirs:
        for body in bodies:
            tree.append_entry(body)
        tree.get_state()
        asked = tree.con.cursor()
        asked.row_factory = None  # theirs unpacks rows
        (journal,) = asked.execute("PRAGMA journal_mode").fetchone()
        (level,) = asked.execute("PRAGMA synchronous").fetchone()
    assert level >= SQLITE_FULL, "the peer does not wait for the disk"
    return ours.seconds, bare.seconds, theirs.seconds, f"journal {journal}, synchronous FULL"


def _write(count: int) -> None:
    """Entries as a service writes them, each committed before the next."""
    from django.db import transaction

    from dure.accounts.acting import Actor
    from governance.log import services

    for number in range(count):
        with transaction.atomic():
            services.record(
                kind="call.drafted",
                acting=Actor.system("bench"),
                subject=None,
                payload={"number": number},
            )


def _table_of_bare_rows() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_bare (id bigserial PRIMARY KEY, body bytea)")


def _bare_rows(count: int) -> None:
    """What no log in this database can be below: 400 bytes in a row with a number, committed.

    The driver's own statement without any of Django, into a table that nothing hangs on.
    """
    from django.db import connection

    connection.ensure_connection()
    driver = connection.connection
    body = os.urandom(400)
    for _ in range(count):
        driver.execute("INSERT INTO bench_bare (body) VALUES (%s)", [body])


def _syncs_per_s() -> float:
    """How often a second a file on that disk can be appended to and synced."""
    body = os.urandom(400)
    with _folder() as folder, (folder / "file").open("wb", buffering=0) as file:

        def write(_: int) -> None:
            file.write(body)
            os.fdatasync(file.fileno())

        return SINGLES / sum(time_each(write, SINGLES))


def _many_at_a_time(write: Callable[[int], None]) -> float:
    """Seconds for the same number by as many processes as write to the log of a city at once.

    A single writer can commit no faster than its disk syncs; side by side one sync serves several.
    Their connections are open before the clock runs, as in a service.
    """
    from django.db import connection

    connection.close()
    gate = multiprocessing.get_context("fork").Barrier(WRITERS + 1)
    children = []
    for _ in range(WRITERS):
        child = os.fork()
        if child == 0:
            try:
                write(1)
                gate.wait()
                write(SINGLES // WRITERS)
            finally:
                os._exit(0)
        children.append(child)
    gate.wait()
    with stopwatch() as elapsed:
        for child in children:
            os.waitpid(child, 0)
    return elapsed.seconds


def _pymerkle(count: int) -> tuple[float, float, float]:
    """Leaves a second into its tree in memory and into its stored one, p95 of a stored proof."""
    from pymerkle import InmemoryTree, SqliteTree

    bodies = [os.urandom(400) for _ in range(20_000)]
    memory = InmemoryTree(algorithm="sha256")
    with stopwatch() as appending:
        for body in bodies:
            memory.append_entry(body)
    dice = random.Random(1)
    with _folder() as folder:
        path = str(folder / "tree.db")
        with SqliteTree(path) as tree, stopwatch() as storing:
            tree.append_entries(os.urandom(400) for _ in range(count))

        def prove(_: int) -> None:
            # Ours keeps no cache between requests either.
            with SqliteTree(path) as tree:
                tree.prove_inclusion(dice.randrange(1, count))

        slow = percentile(time_each(prove, THEIR_PROOFS), 0.95)
        return len(bodies) / appending.seconds, count / storing.seconds, slow


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder on the disk that PostgreSQL writes to, so that both wait for the same one."""
    from django.conf import settings

    with tempfile.TemporaryDirectory(dir=settings.VAR_DIR) as folder:
        yield Path(folder)
