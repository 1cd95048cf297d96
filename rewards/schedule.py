"""What this room runs by the clock: nothing, money moves when people decide."""

from __future__ import annotations

SCHEDULE: dict[str, dict[str, object]] = {}
