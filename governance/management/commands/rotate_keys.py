"""Replaces the key that wraps data keys, or the key that signs the log."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from dure.core import keyring
from governance.keys import rotate_key_encryption

#: After so long no backup is kept that an old key could open.
KEEP_DAYS = 7


class Command(BaseCommand):
    help = "Make a new key-encryption key, rewrap every living data key, destroy old ones."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--keep-days", type=int, default=KEEP_DAYS, help="how long a retired key is kept"
        )
        parser.add_argument(
            "--finish", action="store_true", help="no new key: finish an interrupted rotation"
        )

    def handle(self, *args: object, **options: int | bool) -> None:
        keep = timedelta(days=int(options["keep_days"]))
        done = keyring.finish(keep=keep) if options["finish"] else rotate_key_encryption(keep=keep)
        self.stdout.write(
            _("Active key: %(active)s; rewrapped: %(count)s; destroyed: %(destroyed)s")
            % {
                "active": done.active,
                "count": done.rewrapped,
                "destroyed": ", ".join(done.destroyed) or "–",
            }
        )
