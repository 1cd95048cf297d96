"""Close the running epoch of a call."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from dure.core.money import format_amount
from dure.core.problems import Problem
from rewards.epochs.services import close_epoch
from rewards.management.persons import acting_as


class Command(BaseCommand):
    help = "Freeze, price and allocate what a call has accepted since its last epoch."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("call", help="slug of the call")
        parser.add_argument("--as", dest="email", required=True, help="e-mail of the operator")

    def handle(self, *, call: str, email: str, **options: object) -> None:
        try:
            epoch = close_epoch(acting=acting_as(email), call_slug=call)
        except Problem as problem:
            raise CommandError(f"{problem.kind.title}: {problem.detail}") from problem
        self.stdout.write(
            f"{epoch.id} epoch {epoch.number} of {call}: {epoch.inputs_count} contributions, "
            f"{format_amount(epoch.total)} {epoch.asset}, manifest {epoch.manifest_sha256}"
        )
