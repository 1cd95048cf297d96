"""What accounts do by the clock."""

from __future__ import annotations

SCHEDULE = {
    "send waiting webhooks": {
        "task": "dure.accounts.deliver_webhooks",
        "schedule": 5.0,
        "options": {"expires": 10},
    },
    "forget old requests, webhooks and accounts that nobody confirmed": {
        "task": "dure.accounts.sweep_logs",
        "schedule": 3600.0,
        "options": {"expires": 3000},
    },
}
