"""What this room runs by the clock: holds end, dividends are paid. Else people decide."""

from __future__ import annotations

from datetime import timedelta

SCHEDULE: dict[str, dict[str, object]] = {
    "release holds whose time is over": {
        "task": "rewards.tasks.expire_holds",
        "schedule": timedelta(minutes=10),
    },
    "carry bulk postings on": {
        "task": "rewards.tasks.sweep_bulk",
        "schedule": timedelta(seconds=15),
        "options": {"expires": 15},
    },
    "pay dividends": {
        "task": "rewards.tasks.pay_dividends",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    "care for unclaimed amounts": {
        "task": "rewards.tasks.care_for_unclaimed",
        "schedule": timedelta(hours=6),
        "options": {"expires": 3600},
    },
    "draw claims to check and pay what was held back": {
        "task": "rewards.tasks.release_held_rewards",
        "schedule": timedelta(minutes=5),
        "options": {"expires": 300},
    },
    "tell of what is to be given back": {
        "task": "rewards.tasks.run_clock_of_giving_back",
        "schedule": timedelta(hours=1),
        "options": {"expires": 3600},
    },
    "purge old files of pay-outs": {
        "task": "rewards.tasks.purge_payout_files",
        "schedule": timedelta(hours=12),
        "options": {"expires": 3600},
    },
}
