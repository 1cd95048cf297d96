"""What the portal does by the clock."""

from __future__ import annotations

SCHEDULE = {
    "send the letters that wait": {
        "task": "portal.tasks.post_letters",
        "schedule": 10.0,
        "options": {"expires": 20},
    },
    "forget old letters": {
        "task": "portal.tasks.tidy_letters",
        "schedule": 600.0,
        "options": {"expires": 1200},
    },
}
