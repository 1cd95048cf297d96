"""What the ground does by the clock."""

from __future__ import annotations

SCHEDULE = {
    "deliver waiting events": {
        "task": "dure.core.drain_outbox",
        "schedule": 3.0,
        "options": {"expires": 10},
    },
}
