"""Another time of day for a test."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace

import pytest

from dure.core import clock


def set_clock(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    """Let it be this moment for everybody who asks the clock, until the test is over.

    What the clock itself asks is replaced, not `clock.now`: a module that is first imported in the
    meantime would keep the replacement under its own name for all tests that follow.
    """
    monkeypatch.setattr(clock, "timezone", SimpleNamespace(now=lambda: moment))
