"""The environment of every test run; a plugin, because Django reads its settings very early.

Tests never share a folder, and so a database, with a running installation.
"""

from __future__ import annotations

import os
from pathlib import Path

#: Kept apart, so that the processes of a parallel run do not nest their folders.
_GIVEN = "TESTED_DURE_VAR"
_var = os.environ.setdefault(
    _GIVEN, os.environ.get("DURE_VAR") or str(Path(__file__).resolve().parents[1] / "var")
)

os.environ["DURE_VAR"] = str(Path(_var) / "test")
os.environ["DURE_NUDGE"] = "False"
os.environ.setdefault("DURE_LOG_LEVEL", "WARNING")
# Playwright keeps an event loop in the test's own thread.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
