"""Replaces the key that wraps data keys: one person proposes, another confirms."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from governance.keys import finish_key_encryption, rotate_key_encryption
from governance.management.acting import acting_as, problems_as_errors

#: After so long no backup is kept that an old key could open.
KEEP_DAYS = 7


class Command(BaseCommand):
    help = "Make a new key-encryption key, rewrap every living data key, destroy old ones."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--keep-days", type=int, help=f"how long a retired key is kept; {KEEP_DAYS} without it"
        )
        parser.add_argument("--as", dest="email", help="who proposes or confirms")
        parser.add_argument(
            "--finish", action="store_true", help="no new key: finish what two people agreed to"
        )

    def handle(self, *args: object, **options: int | bool | str | None) -> None:
        days = options["keep_days"]
        keep = timedelta(days=KEEP_DAYS if days is None else int(days))
        if options["finish"]:
            if days is not None:
                raise CommandError(_("How long a retired key is kept takes two people."))
            done = finish_key_encryption()
            if done is None:
                raise CommandError(_("Nobody has agreed to a rotation yet."))
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
