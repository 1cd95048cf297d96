"""Print the trial balance: what went out of and into the accounts of each kind."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import defaultdict
from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError

from dure.core.clock import now
from dure.core.money import format_amount
from rewards.ledger import statements


class Command(BaseCommand):
    help = "Print the trial balance of now, or of the end of a month. Each asset sums to zero."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--period", help="a month, 2026-11: its end")

    def handle(self, *, period: str | None, **options: object) -> None:
        try:
            end = statements.month_bounds(period)[1] if period else now() + timedelta(seconds=1)
        except ValueError:
            raise CommandError("Write the month as 2026-11.") from None
        sums: dict[str, int] = defaultdict(int)
        for line in statements.trial_balance(end):
            amounts = (format_amount(value) for value in (line.out, line.into, line.balance))
            self.stdout.write("\t".join((line.asset, line.kind, line.scope or "-", *amounts)))
            sums[line.asset] += line.balance
        for asset, total in sorted(sums.items()):
            self.stdout.write(f"{asset}\tsum\t-\t-\t-\t{format_amount(total)}")
        if any(sums.values()):
            raise CommandError("An asset does not sum to zero.")
