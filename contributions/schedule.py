"""What this room runs by the clock."""

from __future__ import annotations

SCHEDULE: dict[str, dict[str, object]] = {
    # A stage whose worker died is taken up again within its lease plus these seconds.
    "contributions-sweep": {"task": "contributions.pipeline.tasks.sweep", "schedule": 5.0},
    # Builds whose worker died are begun again; withdrawn records leave their releases.
    "contributions-releases": {
        "task": "contributions.releases.tasks.sweep_releases",
        "schedule": 15.0,
    },
}
