"""Lets the log go on after a backup was restored, with an entry that says so."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from governance.log.acknowledgement import acknowledge
from governance.management.acting import acting_as, problems_as_errors


class Command(BaseCommand):
    help = "Sign again although the database does not continue the last signed head."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as", dest="email", required=True, help="the operator who decides")
        parser.add_argument("--reason", required=True, help="one word, such as restored-backup")

    def handle(self, *args: object, **options: str) -> None:
        with problems_as_errors():
            acknowledge(acting=acting_as(options["email"]), reason=options["reason"])
        self.stdout.write(_("Acknowledged; the log is signed again."))
