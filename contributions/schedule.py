"""What this room runs by the clock."""

from __future__ import annotations

SCHEDULE: dict[str, dict[str, object]] = {
    # A stage whose worker died is taken up again within its lease plus these seconds.
    "contributions-sweep": {"task": "contributions.pipeline.tasks.sweep", "schedule": 5.0},
}
