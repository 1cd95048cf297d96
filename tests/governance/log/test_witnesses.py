"""The log is cosigned by real witnesses, each a process of its own; two of three are enough."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction
from django.test import Client

from dure.accounts.acting import Actor
from dure.core import signing
from dure_client import dure_verify, dure_witness
from governance.integrity import log_check
from governance.log import asking, note, selectors, services, witnesses
from governance.models import LogCheckpoint, LogCosignature, LogWitness
from tests.governance.conftest import Forger
from tests.governance.log.mirror import mirror_log

pytestmark = pytest.mark.django_db
FILE = Path(dure_witness.__file__)


@dataclass
class Running:
    """A witness in a process; the same folder can be served again after it was killed."""

    name: str
    folder: Path
    process: subprocess.Popen[str]
    keys: list[str]
    url: str

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


def start(name: str, folder: Path, log: str) -> Running:
    command = [sys.executable, str(FILE), "serve", "--name", name, "--log", log, "--port", "0"]
    process = subprocess.Popen(
        [*command, "--folder", str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    keys = [process.stdout.readline().strip() for _ in range(2)]
    return Running(name, folder, process, keys, process.stdout.readline().strip())


@pytest.fixture
def three(tmp_path: Path, settings: object) -> Iterator[list[Running]]:
    """Three witnesses; the second is configured by its ML-DSA-44 key. Two have to sign."""
    log = selectors.keys_document()["verifier_key"]
    names = ("university.example", "newspaper.example", "council.example")
    running = [start(name, tmp_path / name, log) for name in names]
    settings.LOG_WITNESSES = [  # type: ignore[attr-defined]
        f"{witness.url} {witness.keys[place == 1]}" for place, witness in enumerate(running)
    ]
    settings.LOG_QUORUM = 2  # type: ignore[attr-defined]
    yield running
    for witness in running:
        witness.kill()


def add(count: int = 3) -> None:
    with transaction.atomic():
        for number in range(count):
            services.record(
                kind="call.drafted",
                acting=Actor.system("tests"),
                subject=None,
                payload={"number": number},
            )
    services.sequence()


def answers() -> list[tuple[int, str]]:
    return [(state.size, state.answer) for state in witnesses.states()]


def test_two_of_three_are_enough_and_one_is_not(
    three: list[Running], client: Client, tmp_path: Path
) -> None:
    add()
    assert log_check()["quorum_size"] == 0
    assert asking.ask_witnesses() == 3
    assert asking.ask_witnesses() == 0, "who has signed is not asked again"
    three[2].kill()
    add()
    assert asking.ask_witnesses() == 2
    assert answers() == [(6, "cosigned"), (6, "cosigned"), (3, "unreachable")]
    check = log_check()
    assert (check["ok"], check["quorum_size"], check["quorum"]) == (True, 6, 2)
    folder = mirror_log(client, tmp_path / "mirror")
    key = selectors.keys_document()["verifier_key"]
    policy = [part for place, w in enumerate(three) for part in ("--witness", w.keys[place == 1])]

    def verify(quorum: int) -> int:
        return dure_verify.main(
            ["log", str(folder), "--key", key, *policy, "--quorum", str(quorum)]
        )

    assert [verify(quorum) for quorum in (1, 2, 3)] == [0, 0, 2]
    three[1].kill()
    add()
    assert asking.ask_witnesses() == 1
    # The head that has its quorum goes on being served for a while, then its lack shows.
    assert note.parse_checkpoint(selectors.checkpoint_note()).size == 6
    assert log_check()["ok"] is True
    late = LogCheckpoint.objects.latest("size").signed_at - 2 * witnesses.PATIENCE
    Forger().run(f"UPDATE governance_logcheckpoint SET signed_at = '{late}'")
    assert log_check()["ok"] is False


def test_a_log_that_was_rewritten_is_refused_by_every_witness(
    three: list[Running], forger: Forger, settings: object, tmp_path: Path
) -> None:
    add(5)
    assert asking.ask_witnesses() == 3
    # The owner of the database who also holds the key starts another log of the same name.
    forger.run(
        "DELETE FROM governance_logopening; DELETE FROM governance_logentry;"
        "DELETE FROM governance_logplace;"
        "DELETE FROM governance_logtile; DELETE FROM governance_logcheckpoint"
    )
    settings.LOG_ANCHOR_DIR = tmp_path / "nothing"  # type: ignore[attr-defined]
    add(2)
    assert asking.ask_witnesses() == 0
    assert answers() == [(5, "ahead")] * 3
    add(9)
    assert asking.ask_witnesses() == 0
    assert answers() == [(5, "refused")] * 3
    assert log_check()["ok"] is False
    assert LogCosignature.objects.filter(size=11).count() == 0


def test_a_witness_that_was_killed_remembers(three: list[Running], settings: object) -> None:
    add()
    assert asking.ask_witnesses() == 3
    three[0].kill()
    again = start(three[0].name, three[0].folder, selectors.keys_document()["verifier_key"])
    three[0] = again
    assert again.keys[0] in settings.LOG_WITNESSES[0]  # type: ignore[attr-defined]
    settings.LOG_WITNESSES[0] = f"{again.url} {again.keys[0]}"  # type: ignore[attr-defined]
    # We forgot what it saw: it tells, and gets the proof from there.
    LogWitness.objects.all().delete()
    add()
    assert asking.ask_witnesses() == 3


def test_a_cosignature_written_into_the_table_counts_for_nothing(three: list[Running]) -> None:
    add()
    for witness in three:
        LogCosignature.objects.create(
            size=3,
            witness=witness.name,
            line=f"— {witness.name} AAAAAAAA\n",
            cosigned_at="2026-11-22T00:00:00Z",
        )
    assert witnesses.quorum_size() == 0
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Forger.run_plainly("UPDATE governance_logcosignature SET size = 4")


def test_a_witness_that_hangs_delays_nothing(
    settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    monkeypatch.setattr(asking, "TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        key = dure_witness.vkey("slow.example", 4, signing.public_key("receipt"))
        settings.LOG_WITNESSES = [f"http://127.0.0.1:{port} {key}"]  # type: ignore[attr-defined]
        settings.LOG_QUORUM = 1  # type: ignore[attr-defined]
        add()
        assert LogCheckpoint.objects.count() == 1
        assert asking.ask_witnesses() == 0
    assert answers() == [(0, "unreachable")]


@pytest.mark.parametrize("line", ["ftp://x key", "http://x", "http://x name+00000000+AAAA"])
def test_a_witness_that_makes_no_sense_is_refused_loudly(line: str, settings: object) -> None:
    settings.LOG_WITNESSES = [line]  # type: ignore[attr-defined]
    with pytest.raises(ImproperlyConfigured):
        witnesses.configured()
