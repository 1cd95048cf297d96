"""Where an installation without outside services keeps its things."""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

#: A Unix socket's path may hold 107 bytes; PostgreSQL appends ``/.s.PGSQL.5432``.
SOCKET_PATH_BYTES_MAX = 90
#: Where root's services live when nobody else can enter the folder of the installation.
SYSTEM_HOME = Path("/var/lib/dure")


@dataclass(frozen=True)
class Places:
    """The folders of one installation, all of them Dure's own."""

    var: Path
    #: Files of the services, which root hands to an unprivileged account.
    services: Path
    run: Path

    @classmethod
    def below(cls, var: Path) -> Places:
        digest = hashlib.sha256(os.fsencode(var)).hexdigest()[:12]
        services = var
        if os.geteuid() == 0 and not open_to_others(var):
            services = SYSTEM_HOME / digest
        run = services / "run"
        if len(os.fsencode(run)) > SOCKET_PATH_BYTES_MAX - 12:
            run = Path(tempfile.gettempdir()) / f"dure-{os.getuid()}-{digest}"
        return cls(var=var, services=services, run=run)

    def make_run(self) -> None:
        """Make the folder of sockets; refuse one that somebody else put there first."""
        self.run.mkdir(mode=0o711, parents=True, exist_ok=True)
        if self.run.is_symlink() or self.run.stat().st_uid != os.geteuid():
            raise PermissionError(f"{self.run} belongs to somebody else; choose another DURE_VAR.")

    @property
    def postgres_data(self) -> Path:
        return self.services / "postgres"

    @property
    def postgres_programs(self) -> Path:
        return self.services / "postgres-programs"

    @property
    def postgres_socket(self) -> Path:
        return self.run / "pg"

    @property
    def broker_data(self) -> Path:
        return self.var / "broker"

    @property
    def broker_socket(self) -> Path:
        return self.run / "broker.sock"

    @property
    def logs(self) -> Path:
        return self.var / "logs"

    @property
    def processes(self) -> Path:
        return self.run / "processes"

    def secret(self, name: str) -> str:
        """A random secret kept in a file that only this account may read; made once.

        Two processes may start at the same time: the first to link the file wins.
        """
        folder = self.var / "secrets"
        path = folder / name
        if not path.exists():
            self.var.mkdir(mode=0o711, parents=True, exist_ok=True)
            folder.mkdir(mode=0o700, exist_ok=True)
            draft = folder / f".{name}.{secrets.token_hex(6)}"
            descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(32))
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(draft, path)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_text(encoding="ascii").strip()


def open_to_others(folder: Path) -> bool:
    """Whether another account could reach a folder, as far as it and its parents exist."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in folder.parents if parent.exists())
