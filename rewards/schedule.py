"""What this room runs by the clock: holds end, dividends are paid. Else people decide."""

from __future__ import annotations

from datetime import timedelta

SCHEDULE: dict[str, dict[str, object]] = {
    "rewards-expire-holds": {
        "task": "rewards.tasks.expire_holds",
        "schedule": timedelta(minutes=10),
    }
}
