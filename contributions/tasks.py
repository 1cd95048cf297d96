"""The tasks of this room, where Celery looks for them."""

from __future__ import annotations

from contributions.pipeline.tasks import (
    decode,
    duplicates,
    fold_totals,
    privacy,
    quality,
    representativeness,
    sweep,
    tidy,
    together,
)
from contributions.quality_worker import warm_before_fork
from contributions.releases.tasks import build_release, sweep_releases
from contributions.uploads.tasks import sweep_uploads

__all__ = [
    "build_release",
    "decode",
    "duplicates",
    "fold_totals",
    "privacy",
    "quality",
    "representativeness",
    "sweep",
    "sweep_releases",
    "sweep_uploads",
    "tidy",
    "together",
    "warm_before_fork",
]
