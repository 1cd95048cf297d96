"""Long-running processes of one installation: started apart, found again, stopped whole."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from dure.embedded.places import Places

STOP_TIMEOUT_S = 20
LOG_BYTES_MAX = 20_000_000


@dataclass(frozen=True)
class Process:
    """A named command; its process group id is written to a file so that any shell can stop it."""

    places: Places
    name: str
    arguments: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def _record(self) -> Path:
        return self.places.processes / f"{self.name}.json"

    @property
    def log(self) -> Path:
        return self.places.logs / f"{self.name}.log"

    def start(self) -> None:
        """Start unless it runs already."""
        if self.running():
            return
        self.places.processes.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.places.logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES_MAX:
            self.log.replace(self.log.with_suffix(".log.1"))
        log = str(self.log)
        pid = os.posix_spawn(
            self.arguments[0],
            self.arguments,
            {**os.environ, **self.environment},
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
            setsid=True,
        )
        self._record.write_text(json.dumps({"pid": pid, "born": _born(pid)}))

    def pid(self) -> int | None:
        """The process id, if that very process is still alive."""
        try:
            record = json.loads(self._record.read_text())
        except (OSError, ValueError):
            return None
        pid = int(record["pid"])
        born = _born(pid)
        return pid if born is not None and born == record["born"] else None

    def running(self) -> bool:
        return self.pid() is not None

    def stop(self) -> None:
        """Ask the whole group to end, insist after a while; return when it is gone."""
        pid = self.pid()
        if pid is not None:
            _signal_group(pid, signal.SIGTERM)
            deadline = time.monotonic() + STOP_TIMEOUT_S
            while self.running() and time.monotonic() < deadline:
                _reap(pid)
                time.sleep(0.05)
            _signal_group(pid, signal.SIGKILL)
            _reap(pid)
        self._record.unlink(missing_ok=True)


def _born(pid: int) -> str | None:
    """When a living process was born, to tell it from a later one with the same number."""
    done = subprocess.run(  # noqa: S603
        ["ps", "-o", "state=,lstart=", "-p", str(pid)],  # noqa: S607 - POSIX, on every system
        capture_output=True,
        text=True,
        check=False,
        env={"LC_ALL": "C", "PATH": os.environ.get("PATH", "/usr/bin:/bin")},
    )
    answer = done.stdout.strip()
    return None if not answer or answer.startswith("Z") else answer[1:].lstrip("sl+<NL ")


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _reap(pid: int) -> None:
    """Collect the exit of our own child, so that it does not linger as a zombie."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
