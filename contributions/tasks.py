"""The tasks of this room, where Celery looks for them."""

from __future__ import annotations

from contributions.pipeline.tasks import (
    decode,
    duplicates,
    privacy,
    quality,
    representativeness,
    sweep,
)
from contributions.quality_worker import warm_before_fork

__all__ = [
    "decode",
    "duplicates",
    "privacy",
    "quality",
    "representativeness",
    "sweep",
    "warm_before_fork",
]
