"""Polars in a virtual environment of its own: a yardstick, no dependency of ours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

POLARS = "polars==2.1.0"


def python_with_polars() -> str | None:
    """The interpreter of that environment, made when first asked for; None where it cannot be."""
    from django.conf import settings

    home = Path(settings.VAR_DIR) / "bench-polars"
    python = home / "bin" / "python"
    if python.exists():
        return str(python)
    steps = (
        [sys.executable, "-m", "venv", str(home)],
        [str(python), "-m", "pip", "install", "--quiet", POLARS],
    )
    for step in steps:
        if subprocess.run(step, capture_output=True, check=False).returncode:
            return None
    return str(python)
