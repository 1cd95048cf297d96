"""Replaces the key that wraps data keys: one person proposes, another confirms."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from dure.core import keyring
from governance.keys import rotate_key_encryption
from governance.management.acting import acting_as, problems_as_errors

#: After so long no backup is kept that an old key could open.
KEEP_DAYS = 7


class Command(BaseCommand):
    help = "Make a new key-encryption key, rewrap every living data key, destroy old ones."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--keep-days", type=int, default=KEEP_DAYS, help="how long a retired key is kept"
        )
        parser.add_argument("--as", dest="email", help="who proposes or confirms")
        parser.add_argument(
            "--finish", action="store_true", help="no new key: finish an interrupted rotation"
        )

    def handle(self, *args: object, **options: int | bool | str) -> None:
        keep = timedelta(days=int(options["keep_days"]))
        if options["finish"]:
            done: keyring.Rotation | None = keyring.finish(keep=keep)
        elif not options["email"]:
            raise CommandError(_("Say who proposes or confirms: --as EMAIL"))
        else:
            with problems_as_errors():
                done = rotate_key_encryption(acting=acting_as(str(options["email"])), keep=keep)
        if done is None:
            self.stdout.write(_("Proposed. Another person confirms with the same command."))
            return
        self.stdout.write(
            _("Active key: %(active)s; rewrapped: %(count)s; destroyed: %(destroyed)s")
            % {
                "active": done.active,
                "count": done.rewrapped,
                "destroyed": ", ".join(done.destroyed) or "–",
            }
        )
