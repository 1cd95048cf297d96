"""What governance does by the clock."""

from __future__ import annotations

from celery.schedules import crontab

SCHEDULE = {
    "sequence the log": {
        "task": "governance.tasks.sequence_log",
        "schedule": 2.0,
        # A sweep that waited longer is overtaken by the next one.
        "options": {"expires": 4},
    },
    "ask the witnesses": {
        "task": "governance.tasks.ask_witnesses",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "verify the whole log": {
        "task": "governance.tasks.audit_log",
        "schedule": 3600.0,
        "options": {"expires": 1800},
    },
    "work on requests and their clocks": {
        "task": "governance.tasks.work_on_rights",
        "schedule": 60.0,
        "options": {"expires": 120},
    },
    "end consents that are over": {
        "task": "governance.tasks.end_what_is_over",
        "schedule": 300.0,
        "options": {"expires": 600},
    },
    "renew the key that wraps data keys": {
        "task": "governance.tasks.renew_keys",
        # One of them is an hour before the pages with old keys are written anew.
        "schedule": crontab(hour="5,11,17,23", minute="40"),
        "options": {"expires": 3600},
    },
    "rewrite what was erased": {
        "task": "governance.tasks.rewrite_pages",
        # 18:40 UTC is 03:40 in Seoul.
        "schedule": crontab(hour="18", minute="40"),
        "options": {"expires": 3600},
    },
}
