"""Write the books in the format of somebody else's book-keeping."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError

from dure.core.clock import now
from rewards.ledger.export import FORMATS, exported
from rewards.ledger.statements import BEGINNING, month_bounds


class Command(BaseCommand):
    help = (
        "Write the books to standard output: accounts under public ids, no names. "
        "bean-check and hledger check accept what is written."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", choices=sorted(FORMATS), default="beancount")
        parser.add_argument("--period", help="a month, 2026-11; all of the books without it")

    def handle(self, *, period: str | None, **options: object) -> None:
        try:
            start, end = (
                month_bounds(period) if period else (BEGINNING, now() + timedelta(seconds=1))
            )
        except ValueError:
            raise CommandError("Write the month as 2026-11.") from None
        for part in FORMATS[str(options["format"])](exported(start, end)):
            self.stdout.write(part, ending="")
