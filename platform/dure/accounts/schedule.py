"""What accounts do by the clock."""

from __future__ import annotations

SCHEDULE = {
    "forget old requests": {
        "task": "dure.accounts.sweep_requests",
        "schedule": 3600.0,
        "options": {"expires": 3000},
    },
}
