"""What this room runs by the clock."""

from __future__ import annotations

SCHEDULE: dict[str, dict[str, object]] = {
    # A stage whose worker died is taken up again within its lease plus these seconds.
    "contributions-sweep": {"task": "contributions.pipeline.tasks.sweep", "schedule": 5.0},
    # Uploads and drafts that nobody finished in time are given up, and their bytes purged.
    "contributions-uploads": {
        "task": "contributions.uploads.tasks.sweep_uploads",
        "schedule": 60.0,
    },
    # What waits behind a settled record waits for nothing; a year after somebody was erased nothing
    # of their records is known.
    "contributions-waiting": {"task": "contributions.pipeline.tasks.tidy", "schedule": 3600.0},
    # Rows by which sums over all contributions have moved become one row each.
    "contributions-totals": {"task": "contributions.pipeline.tasks.fold_totals", "schedule": 60.0},
    # Builds whose worker died are begun again; withdrawn records leave their releases.
    "contributions-releases": {
        "task": "contributions.releases.tasks.sweep_releases",
        "schedule": 15.0,
    },
}
