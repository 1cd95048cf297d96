"""Where an installation without outside services keeps its things."""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path

#: A Unix socket's path may hold 107 bytes; PostgreSQL appends ``/.s.PGSQL.5432``.
SOCKET_PATH_BYTES_MAX = 90


@dataclass(frozen=True)
class Places:
    """The folders of one installation, all below Dure's own var folder."""

    var: Path
    run: Path

    @classmethod
    def below(cls, var: Path) -> Places:
        run = var / "run"
        if len(os.fsencode(run)) > SOCKET_PATH_BYTES_MAX - 12:
            digest = hashlib.sha256(os.fsencode(var)).hexdigest()[:12]
            run = Path(tempfile.gettempdir()) / f"dure-{os.getuid()}-{digest}"
        return cls(var=var, run=run)

    @property
    def postgres_data(self) -> Path:
        return self.var / "postgres"

    @property
    def postgres_programs(self) -> Path:
        return self.var / "postgres-programs"

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
