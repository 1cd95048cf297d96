"""Replaces the key that signs the log: one person proposes, another confirms."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from governance.keys import OVERLAP, put_in_force, rotate_log_key
from governance.log.selectors import keys_document
from governance.management.acting import acting_as, problems_as_errors


class Command(BaseCommand):
    help = "Propose a new signing key for the log, or, as a second person, put it in force."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as", dest="email", required=True, help="who proposes or confirms")
        parser.add_argument(
            "--overlap-days",
            type=int,
            default=OVERLAP.days,
            help="how long the old key signs beside the new one",
        )

    def handle(self, *args: object, **options: str) -> None:
        overlap = timedelta(days=int(options["overlap_days"]))
        with problems_as_errors():
            proposal = rotate_log_key(acting=acting_as(options["email"]), overlap=overlap)
        if proposal.decided_at is None:
            self.stdout.write(_("Proposed. Another person confirms with the same command."))
            return
        put_in_force()
        self.stdout.write(
            _("New key of the log: %(key)s") % {"key": keys_document()["verifier_key"]}
        )
