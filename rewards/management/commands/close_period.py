"""Close the books of a month."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from dure.core.problems import Problem
from rewards.ledger.periods import close_period
from rewards.management.persons import acting_as


class Command(BaseCommand):
    help = (
        "Close the books of a month that is over: nothing is posted into it any more, and the log "
        "holds the hash of its trial balance. No money moves."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("month", help="2026-10")
        parser.add_argument("--as", dest="email", required=True, help="e-mail of the operator")

    def handle(self, *, month: str, email: str, **options: object) -> None:
        try:
            closed = close_period(acting=acting_as(email), month=month)
        except Problem as problem:
            raise CommandError(f"{problem.kind.title}: {problem.detail}") from problem
        self.stdout.write(f"{closed.month} closed, trial balance {closed.trial_balance_sha256}")
