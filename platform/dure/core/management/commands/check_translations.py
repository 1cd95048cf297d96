"""Every text in the code has its Korean; with ``--update`` the catalogues take up new texts."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

#: Each has its own catalogue, beside the texts it translates.
ROOMS = (
    "platform/dure",
    "platform/portal",
    "platform/demo",
    "governance",
    "contributions",
    "rewards",
)


class Command(BaseCommand):
    help = "Fail when a text has no Korean translation."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--update", action="store_true", help="write new texts to catalogues")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's own signature
        missing = [line for room in ROOMS for line in self._missing(room, options["update"])]
        if missing:
            raise CommandError("Texts without Korean:\n" + "\n".join(missing))
        self.stdout.write(f"all texts of {len(ROOMS)} rooms have their Korean")

    def _missing(self, room: str, update: bool) -> list[str]:
        """Texts of a room that have no Korean, as ``file: text``."""
        root: Path = settings.PROJECT_DIR / room
        catalogue = root / "locale" / "ko" / "LC_MESSAGES" / "django.po"
        if not catalogue.exists():
            if not update:
                return []
            catalogue.parent.mkdir(parents=True, exist_ok=True)
        before = catalogue.read_bytes() if catalogue.exists() else None
        here = Path.cwd()
        os.chdir(root)
        try:
            call_command(
                "makemessages",
                locale=["ko"],
                no_wrap=True,
                add_location="file",
                no_obsolete=True,
                verbosity=0,
            )
            if not catalogue.exists():  # a room that says nothing to anybody
                return []
            found = polib.pofile(str(catalogue))
        finally:
            os.chdir(here)
            if not update and before is not None:
                catalogue.write_bytes(before)
        untranslated = [*found.untranslated_entries(), *found.fuzzy_entries()]
        return [f"  {room}: {entry.msgid}" for entry in untranslated]
