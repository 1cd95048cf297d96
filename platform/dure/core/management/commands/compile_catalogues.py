"""Compiles every message catalogue of the project; needs no gettext programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management.base import BaseCommand

ROOMS = ("platform", "governance", "contributions", "rewards")


def catalogues() -> list[Path]:
    """The catalogues of all rooms, in a stable order."""
    root: Path = settings.PROJECT_DIR
    return sorted(po for room in ROOMS for po in (root / room).rglob("locale/*/LC_MESSAGES/*.po"))


class Command(BaseCommand):
    help = "Compile the message catalogues (.po) of all rooms."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's own signature
        for path in catalogues():
            polib.pofile(str(path)).save_as_mofile(str(path.with_suffix(".mo")))
        self.stdout.write(f"{len(catalogues())} catalogues compiled")
