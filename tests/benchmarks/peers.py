"""Environments in which what we measure beside is installed alone: it shares no package with us."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from django.conf import settings

LIMIT_S: Final = 600


def interpreter(name: str, *packages: str) -> Path | None:
    """Python of an environment with these packages, made once; None where it cannot be had."""
    home = Path(settings.VAR_DIR) / "peers" / name
    python = home / "bin" / "python"
    if (home / "ready").exists():
        return python
    shutil.rmtree(home, ignore_errors=True)
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    try:
        for command in ([sys.executable, "-m", "venv", str(home)], [*install, *packages]):
            subprocess.run(command, capture_output=True, check=True, timeout=LIMIT_S)
    except (OSError, subprocess.SubprocessError):
        return None
    (home / "ready").touch()
    return python
